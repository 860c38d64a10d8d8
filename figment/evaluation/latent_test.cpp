#include "figment/evaluation/latent.h"

#include <gmock/gmock.h>

#include "figment/contracts/capabilities.h"

namespace figment {
namespace {

/// Gauges the mean of each column of its images.
class Columns final : public Model, public Gauges {
 public:
  std::vector<ParameterGroup> groups() override { return {}; }
  void train_step(const Batch&, Step&) override {}
  std::vector<Gauge> gauge(const Batch& batch) override {
    return {{.name = "columns", .caption = "means", .values = batch.x.mean({0, 1, 2})}};
  }
};

}  // namespace

TEST(Gauges, AreMeansOverImagesNotOverBatches) {
  const Tensor x = torch::arange(7 * 6, torch::kFloat).view({7, 1, 3, 2});
  Columns model;
  const Subject subject{.model = model,
                        .each_batch =
                            [&](const auto& f) {
                              f(Batch{.x = x.narrow(0, 0, 5)});
                              f(Batch{.x = x.narrow(0, 5, 2)});
                            },
                        .split = "test",
                        .n = 7};
  Evaluation evaluation;
  measure_inner_life(subject, evaluation);
  ASSERT_EQ(evaluation.series.size(), 1u);
  EXPECT_EQ(evaluation.series[0].name, "columns");
  EXPECT_THAT(evaluation.series[0].values,
              testing::ElementsAre(testing::DoubleNear(20, 1e-9), testing::DoubleNear(21, 1e-9)));
}

}  // namespace figment
