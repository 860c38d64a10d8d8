#include "figment/evaluation/latent.h"

#include <gmock/gmock.h>

#include "figment/evaluation/test_subject.h"

namespace figment {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Gauges the mean of each column of its images.
struct Columns final : testing::Untrained, Gauges {
  std::vector<Gauge> gauge(const Batch& batch) override {
    return {{.name = "columns", .caption = "means", .values = batch.x.mean({0, 1, 2})}};
  }
};

/// Whose code is its image.
struct Transparent final : testing::Untrained, EncodesLatent {
  int64_t latent_size() const override { return 20; }
  Tensor encode(const Tensor& x) override { return x.flatten(1); }
  Tensor decode(const Tensor& z, const Condition&) override { return z.view({-1, 1, 1, 20}); }
};

/// Of 20 latent dimensions so many vary over three images, each with a variance of 0.04.
Evaluation with_active(int64_t dimensions) {
  Transparent model;
  Tensor x = torch::zeros({3, 1, 1, 20});
  x[0].narrow(2, 0, dimensions) = 0.2;
  x[2].narrow(2, 0, dimensions) = -0.2;
  x.narrow(3, dimensions, 20 - dimensions) += torch::tensor({0.f, 0.09f, 0.f}).view({3, 1, 1, 1});  // variance 0.0027
  Evaluation evaluation;
  measure_active_units(testing::subject_of(model, {{.x = x.narrow(0, 0, 1)}, {.x = x.narrow(0, 1, 2)}}), evaluation);
  return evaluation;
}

}  // namespace

TEST(Gauges, AreMeansOverImagesNotOverBatches) {
  const Tensor x = torch::arange(7 * 6, torch::kFloat).view({7, 1, 3, 2});
  Columns model;
  Evaluation evaluation;
  measure_gauges(testing::subject_of(model, {{.x = x.narrow(0, 0, 5)}, {.x = x.narrow(0, 5, 2)}}), evaluation);
  ASSERT_EQ(evaluation.series.size(), 1u);
  EXPECT_EQ(evaluation.series[0].name, "columns");
  EXPECT_THAT(evaluation.series[0].values, ElementsAre(DoubleNear(20, 1e-9), DoubleNear(21, 1e-9)));
}

TEST(ActiveUnits, AreDimensionsThatVaryOverImages) {
  const Evaluation evaluation = with_active(7);
  EXPECT_EQ(testing::value_of(evaluation, "active_units"), 7);
  EXPECT_EQ(evaluation.metrics.at(0).unit, "of 20");
  EXPECT_TRUE(evaluation.warnings.empty());
}

/// Any encoder may have few: what to do about it is known to the model alone.
TEST(ActiveUnits, AWarningSaysThatFewVaryAndGivesNoAdviceOfAVae) {
  EXPECT_TRUE(with_active(2).warnings.empty()) << "a tenth is enough";
  const Evaluation one = with_active(1);
  ASSERT_EQ(one.warnings.size(), 1u);
  EXPECT_THAT(one.warnings[0], HasSubstr("only 1 of the 20 latent dimensions vary over images"));
  for (const char* word : {"posterior", "KL"}) EXPECT_THAT(one.warnings[0], ::testing::Not(HasSubstr(word)));
}

TEST(ActiveUnits, OfOneImageThereIsNoVariance) {
  Transparent model;
  Evaluation evaluation;
  measure_active_units(testing::subject_of(model, {{.x = torch::zeros({1, 1, 1, 20})}}), evaluation);
  EXPECT_TRUE(evaluation.metrics.empty());
  EXPECT_THAT(evaluation.left_out, ElementsAre(HasSubstr("needs two")));
}

}  // namespace figment
