#include "figment/evaluation/metrics.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "figment/base/error.h"
#include "figment/evaluation/test_subject.h"

namespace figment {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Does all that a metric of images may ask for, but makes no codes. Its bound is noise.
struct Able final : testing::Untrained, ScoresLikelihood, EncodesLatent, Gauges, Classifies, Samples {
  Nats nats(const Batch& batch, int64_t) override {
    const Tensor noise = torch::rand({batch.size()});
    return {.total = 2 * noise, .terms = {{"reconstruction_nats", noise}, {"kl_nats", noise}}, .levels = 256};
  }
  int64_t latent_size() const override { return 64; }
  Tensor encode(const Tensor& x) override { return x.flatten(1); }
  Tensor decode(const Tensor& z, const Condition&) override { return z.view({-1, 1, 8, 8}); }
  std::vector<Gauge> gauge(const Batch& batch) override { return {{"mean", "of pixels", batch.x.mean().view({1})}}; }
  Tensor logits(const Tensor& x) override { return x.flatten(1).narrow(1, 0, 2); }
  Tensor sample(const SampleRequest& request) override {
    for (const double done : {0.5, 1.})
      if (request.go_on && !request.go_on(done)) throw RunError("sample: cancelled");
    return torch::rand({int64_t(request.seeds.size()), 1, 8, 8}) * 2 - 1;
  }
};

/// Codes of four pixels.
struct Coder final : testing::Untrained, EncodesDiscrete, ScoresLikelihood {
  std::vector<CodeSpec> grids() const override { return {{.num_codes = 2, .height = 2, .width = 2}}; }
  std::vector<Tensor> encode_codes(const Tensor& x) override {
    return {(x.squeeze(1).narrow(1, 0, 2).narrow(2, 0, 2) > 0).to(torch::kLong)};
  }
  Tensor decode_codes(const std::vector<Tensor>& codes) override {
    return torch::constant_pad_nd(codes[0].unsqueeze(1).to(torch::kFloat), {0, 6, 0, 6});
  }
  Tensor paint_codes(const std::vector<Tensor>& codes) override { return decode_codes(codes).expand({-1, 3, -1, -1}); }
  Nats nats(const Batch& batch, int64_t) override { return {.total = torch::ones({batch.size()}), .levels = 256}; }
};

struct Features final : EmbedsImages, Classifies {
  Tensor embed(const Tensor& x) override { return torch::adaptive_avg_pool2d(x, {2, 2}).flatten(1); }
  Tensor logits(const Tensor& x) override { return embed(x); }
};

Batch some_images(int64_t count) {
  return {.x = torch::linspace(-1, 1, count * 64).view({count, 1, 8, 8}),
          .condition = {.labels = {torch::arange(count) % 2}}};
}

/// To which every row of images applies.
struct Whole {
  Able model;
  Subject subject = testing::subject_of(model, {some_images(7), some_images(5)});
  Whole() {
    subject.images.train = testing::part_of({some_images(9), some_images(9)});
    subject.draws = &model;
    subject.draw_condition = [](int64_t first, int64_t count) -> Condition {
      return {.labels = {torch::arange(first, first + count) % 2}};
    };
    subject.features = FeatureExtractor{.network = std::make_shared<Features>(), .name = "features"};
    subject.importance_samples = 3;
  }
};

Evaluation measured_by(const MetricRow& row, const Subject& subject) {
  Evaluation evaluation;
  if (row.applies(subject)) row.measure(subject, evaluation);
  return evaluation;
}

std::vector<double> recorded(const Subject& subject) {
  std::vector<double> shares;
  measure(subject, [&](double done) { shares.push_back(done); });
  return shares;
}

}  // namespace

TEST(Metrics, AFigureThatIsNoNumberIsAnError) {
  struct Lost final : testing::Untrained, ScoresLikelihood {
    Nats nats(const Batch& batch, int64_t) override {
      return {.total = torch::full({batch.size()}, std::nan("")), .levels = 256};
    }
  } model;
  EXPECT_THAT([&] { recorded(testing::subject_of(model, {some_images(7)})); },
              ::testing::ThrowsMessage<RunError>(HasSubstr("_nats of the test split is NaN or infinite")));
}

TEST(Metrics, ProgressOfAllRowsRisesFromZeroToOne) {
  const Whole whole;
  const std::vector<double> shares = recorded(whole.subject);
  EXPECT_TRUE(std::ranges::is_sorted(shares));
  EXPECT_EQ(shares.front(), 0);
  EXPECT_EQ(shares.back(), 1);
  EXPECT_EQ(std::ranges::count(shares, 1), 1) << "when all figures are there";
  // 12 images: passes of 1 bound + 3 importance + 4 others each; of samples 3 each, and 18 of training
  const double all = 12 * (1 + 3 + 4 + 3) + 18;
  EXPECT_THAT(shares, AllOf(Contains(7 / all), Contains(12 / all), Contains(48 / all)))
      << "the share of images, not of rows";
}

TEST(Metrics, ARowReportsThePassesThatItDeclares) {
  Whole whole;
  Coder coder;
  whole.subject.coder = &coder;
  Subject of_codes = testing::subject_of(coder, {some_images(12)});
  for (const MetricRow& row : metric_rows())
    for (Subject* subject : {&whole.subject, &of_codes}) {
      if (!row.applies(*subject)) continue;
      double passes = 0;
      subject->passed = [&](double more) { passes += more; };
      measured_by(row, *subject);
      EXPECT_DOUBLE_EQ(passes, row.passes(*subject)) << row.name;
    }
}

TEST(Metrics, AreCancelledBetweenAnyTwoBatches) {
  const Whole whole;
  const size_t steps = recorded(whole.subject).size();
  ASSERT_GT(steps, 20u);
  for (size_t last = 0; last < steps; ++last) {
    size_t step = 0;
    const auto cancel = [&](double) {
      if (step++ == last) throw RunError("cancelled");
    };
    EXPECT_THROW(measure(whole.subject, cancel), RunError) << last;
    EXPECT_EQ(step, last + 1) << "nobody goes on";
  }
}

/// The table is the list of what is measured: no figure comes from elsewhere.
TEST(Metrics, EachFigureIsNamedInItsRow) {
  Whole whole;
  Coder coder;
  const Subject of_codes = testing::subject_of(coder, {some_images(12)});
  size_t figures = 0;
  for (const MetricRow& row : metric_rows())
    for (const Subject& subject : {whole.subject, of_codes})
      for (const Metric& metric : measured_by(row, subject).metrics) {
        ++figures;
        const bool term = metric.name == "reconstruction_nats" || metric.name == "kl_nats";
        const std::string name = term ? "terms" : metric.name == "iwae_3_nats" ? "iwae_<k>_nats" : metric.name;
        EXPECT_THAT(std::string(row.figures), HasSubstr(name)) << row.name;
      }
  EXPECT_GT(figures, 25u);
  EXPECT_EQ(measure(whole.subject, [](double) {}).metrics.size() + measure(of_codes, [](double) {}).metrics.size(),
            figures);
}

/// The bound is noise here: it comes from the seed, whatever was measured before it.
TEST(Metrics, AFigureDoesNotDependOnWhichOthersAreMeasured) {
  Whole whole;
  const auto bound = [&] { return testing::value_of(measure(whole.subject, [](double) {}), "iwae_3_nats"); };
  const double first = bound();
  torch::rand({5});
  EXPECT_EQ(bound(), first);
  whole.subject.seed = 1;
  EXPECT_NE(bound(), first);
}

TEST(Metrics, WhatDoesNotApplyIsLeftOutWithTheReason) {
  testing::Untrained nothing;
  const Evaluation evaluation = measure(testing::subject_of(nothing, {some_images(2)}), [](double) {});
  EXPECT_TRUE(evaluation.metrics.empty());
  ASSERT_EQ(evaluation.left_out.size(), 1) << "one sentence, however many rows there are";
  EXPECT_THAT(evaluation.left_out[0], StartsWith("what other kinds of models have: bound (needs a likelihood), "));
  for (const MetricRow& row : metric_rows()) EXPECT_THAT(evaluation.left_out[0], HasSubstr(row.needs));
}

TEST(Metrics, WithoutAFeatureExtractorTheRowSaysHowToGetOne) {
  Whole whole;
  whole.subject.features.reset();
  whole.subject.without_features = "need a classifier";
  EXPECT_THAT(measure(whole.subject, [](double) {}).left_out,
              ElementsAre("need a classifier",
                          "what other kinds of models have: codebook (needs an encoder to codes), bits_of_two_stages "
                          "(needs a prior with a likelihood over another model's codes)"));
}

/// A prior over codes: its likelihood is that of codes, what it draws and the bits of both stages are of images.
TEST(Metrics, OfAPriorOverCodesAreMeasuredOnCodesAndOnImages) {
  Whole whole;
  Coder coder;
  whole.subject.coder = &coder;
  whole.subject.data.measured = testing::part_of({{.x = torch::zeros({12, 2, 2}, torch::kLong)}});
  struct Prior final : testing::Untrained, ScoresLikelihood {
    Nats nats(const Batch& batch, int64_t) override {
      EXPECT_EQ(batch.x.dim(), 3);
      return {.total = torch::ones({batch.size()})};
    }
    bool exact() const override { return true; }
  } prior;
  Subject subject{.model = prior,
                  .data = whole.subject.data,
                  .images = whole.subject.images,
                  .draws = whole.subject.draws,
                  .draw_condition = whole.subject.draw_condition,
                  .coder = &coder,
                  .features = whole.subject.features,
                  .split = "test",
                  .n = 12};
  const Evaluation evaluation = measure(subject, [](double) {});
  for (const char* name : {"nll_nats", "bits_per_image", "bits_per_dim", "frechet_distance", "class_accuracy"})
    EXPECT_FALSE(std::isnan(testing::value_of(evaluation, name))) << name;
}

}  // namespace figment
