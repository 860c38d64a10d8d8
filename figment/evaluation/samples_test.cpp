#include "figment/evaluation/samples.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "figment/evaluation/test_subject.h"
#include "figment/tensor/tensors.h"

namespace figment {
namespace {

using ::testing::HasSubstr;

/// Features: means of the four quarters of an image; classes: which of the four is brightest.
struct Quarters final : EmbedsImages, Classifies {
  Tensor embed(const Tensor& x) override { return torch::adaptive_avg_pool2d(x, {2, 2}).flatten(1); }
  Tensor logits(const Tensor& x) override { return 50 * embed(x); }
};

Tensor images_with_seed(int64_t seed, int64_t count) {
  torch::manual_seed(uint64_t(seed));
  const Tensor quarter = torch::rand({count, 1, 2, 2}) * 1.6 - 0.8;
  return quarter.repeat_interleave(4, 2).repeat_interleave(4, 3) + 0.1 * torch::randn({count, 1, 8, 8}).clamp(-2, 2);
}

/// Draws these images by the numbers of their seeds, each for a class or for none.
struct Drawer final : testing::Untrained, Samples {
  explicit Drawer(Tensor drawn) : images(std::move(drawn)) {}
  Tensor sample(const SampleRequest& request) override { return images.index_select(0, torch::tensor(request.seeds)); }
  Tensor images;
};

Part batches_of(const Tensor& images) {
  std::vector<Batch> batches;
  for (const Tensor& x : images.split(100)) batches.push_back({.x = x});
  return testing::part_of(batches);
}

struct Measured {
  Evaluation evaluation;
  double operator[](const std::string& name) const { return testing::value_of(evaluation, name); }
};

/// Another view of an image, which counts what it has seen.
struct Halves final : EmbedsImages {
  Tensor embed(const Tensor& x) override {
    seen += x.size(0);
    return torch::adaptive_avg_pool2d(x, {2, 1}).flatten(1);
  }
  int64_t seen = 0;
};

Measured measured(const Tensor& drawn, const Tensor& classes = {}, const std::shared_ptr<Halves>& second = {},
                  int64_t training = 700) {
  Drawer model(drawn);
  const Part real = batches_of(images_with_seed(1, 600).narrow(0, 0, std::min<int64_t>(600, drawn.size(0))));
  const Subject subject{
      .model = model,
      .images = {.measured = real, .train = batches_of(images_with_seed(2, training))},
      .draws = &model,
      .draw_condition = [&](int64_t first, int64_t count) -> Condition {
        if (!classes.defined()) return {};
        return {.labels = {classes.narrow(0, first, count)}};
      },
      .features = FeatureExtractor{.network = std::make_shared<Quarters>(), .name = "quarters"},
      .second = second ? std::optional(FeatureExtractor{.network = second, .name = "halves"}) : std::nullopt,
      .split = "test",
      .n = drawn.size(0)};
  Measured measured;
  measure_samples(subject, measured.evaluation);
  return measured;
}

}  // namespace

TEST(Samples, OfTheSameKindAreNearAndOthersFar) {
  const Measured same = measured(images_with_seed(3, 600)),
                 brighter = measured((images_with_seed(3, 600) + 0.5).clamp(-1, 1));
  EXPECT_LT(same["frechet_distance"], 0.02);
  EXPECT_LT(std::abs(same["frechet_distance"] - same["frechet_distance_floor"]), 0.02);
  EXPECT_GT(brighter["frechet_distance_times_floor"], 10 * same["frechet_distance_times_floor"]);
  EXPECT_GT(brighter["frechet_distance_times_floor_pixels"], 10 * same["frechet_distance_times_floor_pixels"]);
  EXPECT_GT(brighter["frechet_distance"], 10 * same["frechet_distance"]);
  EXPECT_GT(brighter["kernel_distance"], 0.1);
  EXPECT_NEAR(same["density"], 1, 0.2);
  EXPECT_LT(brighter["density"], 0.8);
  EXPECT_NEAR(same["sharpness"] / same["sharpness_real"], 1, 0.05);
  EXPECT_GT(same["class_share_min"], 0.15);
}

TEST(Samples, TheFloorIsOfAsManyTrainingImagesAsAreMeasured) {
  const auto halves = std::make_shared<Halves>();
  const Measured enough = measured(images_with_seed(3, 600), {}, halves);
  EXPECT_EQ(halves->seen, 3 * 600) << "real, drawn, and of the 700 training images as many";
  EXPECT_GT(enough["frechet_distance_floor_second"], 0);
  EXPECT_LT(enough["frechet_distance_times_floor_second"], 10);
  const Measured few = measured(images_with_seed(3, 600), {}, halves, 599);
  EXPECT_TRUE(std::isnan(few["frechet_distance_floor"]));
  EXPECT_FALSE(std::isnan(few["frechet_distance_second"]));
  EXPECT_THAT(few.evaluation.left_out, ::testing::Contains(HasSubstr("needs 600 training images")));
}

TEST(Samples, CopiesOfTrainingImagesAreAtNoDistanceFromThem) {
  const Measured copies = measured(images_with_seed(2, 700).narrow(0, 0, 600));
  EXPECT_LT(copies["nearest_training_distance"], 0.01);
  EXPECT_GT(copies["nearest_training_distance_real"], 0.03);
}

/// Whether a row of 8 x 8 pictures of the sheet is the row above it.
bool is_twin_of_the_row_above(const Image& sheet, int64_t row) {
  constexpr int64_t cell = 8 + 2;
  const auto begin = [&](int64_t of) { return sheet.pixels.begin() + (2 + of * cell) * sheet.width; };
  return std::equal(begin(row), begin(row) + 8 * sheet.width, begin(row - 1));
}

TEST(Samples, NearestTrainingImagesStandBelowWhatIsDrawn) {
  const Measured copies = measured(images_with_seed(2, 700).narrow(0, 300, 100)),
                 others = measured(images_with_seed(3, 100));
  const Picture& picture = copies.evaluation.pictures.at(0);
  EXPECT_EQ(picture.name, "neighbours");
  ASSERT_EQ(picture.image.height, 2 + 2 * 3 * 10);
  for (const int64_t row : {1, 2, 4, 5}) EXPECT_TRUE(is_twin_of_the_row_above(picture.image, row)) << row;
  EXPECT_FALSE(is_twin_of_the_row_above(picture.image, 3)) << "the next drawn images";
  EXPECT_FALSE(is_twin_of_the_row_above(others.evaluation.pictures.at(0).image, 1));
}

TEST(Samples, HistogramsAreOfTheSameBinsWhateverIsDrawn) {
  const Measured same = measured(images_with_seed(3, 600)), grey = measured(torch::zeros({600, 1, 8, 8}));
  for (const size_t i : {0, 1}) {
    const Evaluation::Histogram &a = same.evaluation.histograms.at(i), &b = grey.evaluation.histograms.at(i);
    EXPECT_EQ(a.bin, b.bin);
    ASSERT_EQ(a.shares.at(1).first, "real");
    EXPECT_EQ(a.shares[1], b.shares[1]);
    for (const auto& [whose, shares] : a.shares)
      EXPECT_NEAR(std::accumulate(shares.begin(), shares.end(), 0.0), 1, 1e-9) << a.name << " " << whose;
  }
  EXPECT_EQ(grey.evaluation.histograms[0].name, "sharpness");
  EXPECT_EQ(grey.evaluation.histograms[0].shares[0].second[0], 1) << "what is even has no edge";
}

TEST(Samples, OneImageAgainAndAgainIsSeen) {
  const Measured one = measured(images_with_seed(3, 1).repeat({600, 1, 1, 1}));
  EXPECT_EQ(one["class_share_min"], 0);
  EXPECT_NEAR(one["inception_score"], 1, 1e-6);
  EXPECT_LT(one["recall"], 0.01);
}

TEST(Samples, ClassesThatWereAskedForAreCompared) {
  Quarters classifier;
  const Tensor drawn = images_with_seed(3, 600), named = classifier.logits(from_bytes(to_bytes(drawn))).argmax(1);
  EXPECT_EQ(measured(drawn, named)["class_accuracy"], 1);
  EXPECT_EQ(measured(drawn, (named + 1) % 4)["class_accuracy"], 0);
}

TEST(Samples, TooFewAreRefusedOrMarked) {
  const Measured refused = measured(images_with_seed(3, 4)), marked = measured(images_with_seed(3, 50));
  EXPECT_TRUE(refused.evaluation.metrics.empty());
  EXPECT_THAT(refused.evaluation.left_out.at(0), HasSubstr("needs more images than that, got 4"));
  EXPECT_THAT(marked.evaluation.warnings.at(0), HasSubstr("50 samples"));
}

}  // namespace figment
