#include "figment/evaluation/likelihood.h"

#include <gmock/gmock.h>

#include <cmath>

#include "figment/evaluation/test_subject.h"

namespace figment {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// -log p of an image is the sum of its pixels, or of its codes; more samples bring the bound down by one nat.
struct Sum : testing::Untrained, ScoresLikelihood {
  bool is_exact = false;
  int64_t levels = 256;
  Nats nats(const Batch& batch, int64_t samples) override {
    const Tensor sum = batch.x.to(torch::kDouble).flatten(1).sum(1);
    return {.total = samples > 1 ? sum - 1 : sum,
            .terms = {{"reconstruction_nats", 0.75 * sum}, {"kl_nats", 0.25 * sum}},
            .levels = batch.x.is_floating_point() ? levels : 0};
  }
  bool exact() const override { return is_exact; }
};

/// Whose codes are its pixels. It gives each pixel a nat, and the codes two that belong to no figure of two stages.
struct Copyist final : testing::Untrained, EncodesDiscrete, ScoresLikelihood {
  int64_t count = 1;  ///< of grids
  std::vector<CodeSpec> grids() const override {
    return std::vector<CodeSpec>(size_t(count), {.num_codes = 8, .height = 2, .width = 2});
  }
  std::vector<Tensor> encode_codes(const Tensor& x) override { return {x.squeeze(1).to(torch::kLong)}; }
  Tensor decode_codes(const std::vector<Tensor>& codes) override { return codes[0].unsqueeze(1).to(torch::kFloat); }
  Tensor paint_codes(const std::vector<Tensor>& codes) override { return decode_codes(codes).expand({-1, 3, -1, -1}); }
  Nats nats(const Batch& batch, int64_t) override {
    const Tensor pixels = torch::full({batch.size()}, double(batch.x[0].numel()), torch::kDouble);
    return {.total = pixels + 2, .terms = {{"reconstruction_nats", pixels}, {"kl_nats", pixels * 0 + 2}}, .levels = 16};
  }
};

const std::vector<Batch> kImages = {{.x = torch::full({3, 1, 2, 2}, 1.)}, {.x = torch::full({1, 1, 2, 2}, 5.)}};
constexpr double kMeanNats = (3 * 4 + 20) / 4.;

}  // namespace

TEST(Likelihood, TheBoundIsTheMeanOverImagesWithItsTermsAndInBits) {
  Sum model;
  Evaluation evaluation;
  measure_bound(testing::subject_of(model, kImages), evaluation);
  EXPECT_DOUBLE_EQ(testing::value_of(evaluation, "elbo_nats"), kMeanNats);
  EXPECT_DOUBLE_EQ(testing::value_of(evaluation, "reconstruction_nats"), 0.75 * kMeanNats);
  EXPECT_DOUBLE_EQ(testing::value_of(evaluation, "kl_nats"), 0.25 * kMeanNats);
  EXPECT_DOUBLE_EQ(testing::value_of(evaluation, "bits_per_dim"), kMeanNats / (4 * std::log(2.)));
  EXPECT_EQ(evaluation.metrics.back().unit, "bits, 256 levels");
}

TEST(Likelihood, WhatIsExactIsNoBoundAndCodesAreCountedPerImage) {
  Sum model;
  model.is_exact = true;
  Evaluation evaluation;
  measure_bound(testing::subject_of(model, {{.x = torch::full({2, 3, 3}, 2, torch::kLong)}}), evaluation);
  EXPECT_DOUBLE_EQ(testing::value_of(evaluation, "nll_nats"), 18);
  EXPECT_DOUBLE_EQ(testing::value_of(evaluation, "bits_per_image"), 18 / std::log(2.));
}

TEST(Likelihood, ADensityOfRealNumbersHasNoBits) {
  Sum model;
  model.levels = 0;
  Evaluation evaluation;
  measure_bound(testing::subject_of(model, kImages), evaluation);
  EXPECT_THAT(evaluation.left_out, ElementsAre(HasSubstr("bits_per_dim: the likelihood is a density")));
}

TEST(Likelihood, TheImportanceBoundIsNamedAfterItsSamples) {
  Sum model;
  Subject subject = testing::subject_of(model, kImages);
  double passes = 0;
  subject.passed = [&](double more) { passes += more; };
  Evaluation evaluation;
  measure_importance_bound(subject, evaluation);
  EXPECT_TRUE(evaluation.metrics.empty()) << "none is asked for";
  subject.importance_samples = 50;
  measure_importance_bound(subject, evaluation);
  EXPECT_DOUBLE_EQ(testing::value_of(evaluation, "iwae_50_nats"), kMeanNats - 1);
  EXPECT_EQ(passes, 4 * 50);
}

/// Figures of different likelihoods must not look alike: `compare` puts equal units alone into one row.
TEST(Likelihood, UnitsSayWhatItIsOfAndWhatItIsGiven) {
  struct Given final : Sum, Samples {
    Tensor sample(const SampleRequest&) override { return {}; }
    ConditionSpec takes() const override { return {.labels = {LabelSpec{.names = {"a", "b"}}}}; }
  };
  const auto unit_of = [](Sum& model, const std::vector<Batch>& batches, EncodesDiscrete* coder = nullptr) {
    Subject subject = testing::subject_of(model, batches);
    subject.coder = coder;
    Evaluation evaluation;
    measure_bound(subject, evaluation);
    return evaluation.metrics.front().unit;
  };
  Sum plain, density;
  Given given;
  Copyist coder;
  density.levels = 0;
  EXPECT_EQ(unit_of(plain, kImages), "nats, 256 levels");
  EXPECT_EQ(unit_of(density, kImages), "nats, density");
  EXPECT_EQ(unit_of(given, kImages), "nats, 256 levels, given labels");
  Sum prior;
  EXPECT_EQ(unit_of(prior, {{.x = torch::full({2, 2, 2}, 1, torch::kLong)}}, &coder), "nats, 2 x 2 codes of 8");
}

/// The prior's nats of the codes and the decoder's of the pixels; not those of the decoder's own uniform prior.
TEST(Likelihood, BitsOfTwoStagesAreThoseOfCodesAndOfPixelsGivenTheCodes) {
  Sum prior;
  Copyist coder;
  Subject subject = testing::subject_of(prior, kImages);
  subject.data = {};  // the codes are those of the images
  subject.coder = &coder;
  Evaluation evaluation;
  measure_bits_of_two_stages(subject, evaluation);
  EXPECT_DOUBLE_EQ(testing::value_of(evaluation, "bits_per_dim"), (kMeanNats + 4) / (4 * std::log(2.)));
  EXPECT_EQ(evaluation.metrics.at(0).unit, "bits, 16 levels");
}

TEST(Likelihood, APriorOfOneOfSeveralGridsGivesNoBitsOfTheImage) {
  Sum prior;
  Copyist coder;
  coder.count = 2;
  Subject subject = testing::subject_of(prior, kImages);
  subject.coder = &coder;
  Evaluation evaluation;
  measure_bits_of_two_stages(subject, evaluation);
  EXPECT_TRUE(evaluation.metrics.empty());
  EXPECT_THAT(evaluation.left_out, ElementsAre(HasSubstr("several grids")));
}

}  // namespace figment
