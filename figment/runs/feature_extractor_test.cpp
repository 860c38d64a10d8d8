// What needs no trained classifier; the rest is tested by tests/feature_extractor_test.cpp.
#include "figment/runs/feature_extractor.h"

#include <gmock/gmock.h>

#include "figment/base/file.h"
#include "figment/config/json.h"
#include "figment/data/column_set.h"
#include "figment/runs/test_parts.h"
#include "tests/made_data.h"

namespace figment {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// Draws the picture that it is given.
struct Copies : IdleModel, Samples {
  ConditionSpec takes() const override { return {.image = PixelSpec{.channels = 1, .height = 2, .width = 2}}; }
  Tensor sample(const SampleRequest& request) override { return request.condition.image; }
};
/// Its features are the pixels.
struct Pixels : IdleModel, EmbedsImages {
  Tensor embed(const Tensor& x) override { return x.flatten(1); }
};

TEST(SampleDistance, AModelThatTakesAPictureIsGivenThatOfEachRealImage) {
  const DataSpec spec{.x = PixelSpec{.channels = 1, .height = 2, .width = 2},
                      .condition = {.image = PixelSpec{.channels = 1, .height = 2, .width = 2}}};
  Batch pairs = made_batch(spec, 300, 1);
  pairs.condition.image = pairs.x;  // so that what is drawn is what is real
  const ColumnSet real(spec, {std::make_shared<RowsColumn>(pairs)}, all_rows(300));
  Copies copies;
  const LoadedRun extractor = run_of(std::make_unique<Pixels>());
  EXPECT_NEAR(sample_distance(copies, extractor, real).value(), 0, 1e-6);
}

/// Runs of which only the records are there.
class FeatureExtractorOf : public ::testing::Test {
 protected:
  ~FeatureExtractorOf() override { std::filesystem::remove_all(out_); }

  RunFolder finished(const std::string& model, const std::string& hash, const std::string& augmentation,
                     const std::string& settings = "") const {
    return RunFolder::create(out_, model, [&](const std::filesystem::path& part) {
      const RunFolder run(part);
      write_file(run.recipe(), "[model]\nid = \"" + model + "\"\n" + settings);
      write_file(run.manifest(), to_manifest(hash, augmentation).dump());
      run.set_finished();
    });
  }
  static Json to_manifest(const std::string& hash, const std::string& augmentation) {
    return {{"format", kRunFormat}, {"data", {{"hash", hash}, {"augmentation", augmentation}}}};
  }
  std::filesystem::path out_ =
      std::filesystem::path(::testing::TempDir()) / ("figment_extractors_" + std::to_string(::getpid()));
};

TEST_F(FeatureExtractorOf, IsAClassifierOfTheSameImagesWhateverItsAugmentation) {
  const RunFolder gan = finished("gan", "a", ""), flipped = finished("classifier", "a", "flip");
  finished("classifier", "b", "");
  write_file(finished("classifier", "a", "").manifest(), "{torn");  // a neighbour that nobody asked for
  const auto found = feature_extractor_of(gan, kFeaturesRole);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->path(), flipped.path());
}

TEST_F(FeatureExtractorOf, TheSecondIsTheNewestOfThePooledNetwork) {
  const RunFolder gan = finished("gan", "a", "");
  finished("classifier", "a", "", "network = \"pooled\"\n");
  EXPECT_FALSE(feature_extractor_of(gan, kFeaturesRole)) << "of the default network there is none";
  const RunFolder pooled = finished("classifier", "a", "", "network = \"pooled\"\n"),
                  flattened = finished("classifier", "a", "", "network = \"flattened\"\n");
  finished("classifier", "b", "", "network = \"pooled\"\n");
  EXPECT_EQ(feature_extractor_of(gan, kSecondFeaturesRole).value().path(), pooled.path());
  EXPECT_EQ(feature_extractor_of(gan, kFeaturesRole).value().path(), flattened.path());
}

class WithoutFeatureExtractor : public ::testing::Test {
 protected:
  WithoutFeatureExtractor() {
    run_.spec = {.x = PixelSpec{.channels = 1, .height = 32, .width = 32},
                 .condition = {.labels = {LabelSpec{.names = {"cat", "dog"}}}}};
    run_.recipe.data.source = "photos";
  }
  LoadedRun run_ = run_of(std::make_unique<Copies>());
};

TEST_F(WithoutFeatureExtractor, NamesTheSettingsThatMakeTheClassifiersImagesLikeThese) {
  run_.recipe.data = {.source = "photos",
                      .size = 40,
                      .crop = 32,
                      .channels = 1,
                      .validation = 500,
                      .flip = true,
                      .repeat_links = true,
                      .range = {0, 4095}};
  EXPECT_THAT(without_feature_extractor(run_, kFeaturesRole),
              HasSubstr("`figment train classifier --data photos --set data.size=40 --set data.crop=32 --set "
                        "data.channels=1 --set data.validation=500 --set 'data.range=[ 0, 4095 ]' --set "
                        "data.repeat_links=true --out runs` makes one"));
}

TEST_F(WithoutFeatureExtractor, NamesThoseOfPairsToo) {
  run_.recipe.data.pairs = {.layout = PairLayout::kHalves, .direction = PairDirection::kBtoA};
  EXPECT_THAT(
      without_feature_extractor(run_, kFeaturesRole),
      HasSubstr("--data photos --set data.pairs.layout=halves --set data.pairs.direction=BtoA --out runs` makes"));
}

TEST_F(WithoutFeatureExtractor, SaysThatImagesWithoutClassesMakeNone) {
  run_.spec.condition.labels.clear();
  EXPECT_THAT(without_feature_extractor(run_, kFeaturesRole),
              AllOf(HasSubstr("these have no classes"), HasSubstr("--features RUN"), Not(HasSubstr("figment train"))));
}

}  // namespace
}  // namespace figment
