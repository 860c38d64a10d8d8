// A group that takes one extra step every so many (lazy regularization): its learning rate and betas are corrected.
#include <gmock/gmock.h>

#include "figment/training/trainer.h"

namespace figment {
namespace {

/// One weight w whose gradient is the mean of the batch.
struct OneWeight final : Model {
  explicit OneWeight(int64_t lazy_every) : lazy_every_(lazy_every) {
    w = register_parameter("w", torch::ones({}, torch::kDouble));
  }
  std::vector<ParameterGroup> groups() override {
    return {{.name = "model",
             .parameters = {w},
             .optimizer = {.learning_rate = 0.1, .beta1 = 0.9, .beta2 = 0.99},
             .lazy_every = lazy_every_}};
  }
  void train_step(const Batch& batch, Step& step) override {
    step.minimize(kModel, batch, [&](const Batch& b) -> LossTerms { return {{"loss", (b.x * w).mean()}}; });
  }
  Tensor w;

 private:
  int64_t lazy_every_;
};

std::vector<double> weights_after(int64_t lazy_every) {
  OneWeight model(lazy_every);
  Trainer trainer(model, nullptr, {.images = 300, .batch_size = 2, .precision = Precision::kFp32});
  std::vector<double> weights;
  for (const double gradient : {1.0, -0.5, 2.0}) {
    trainer.step({.x = torch::full({2}, gradient, torch::kDouble)});
    weights.push_back(model.w.item<double>());
  }
  return weights;
}

using ::testing::DoubleNear;
using ::testing::ElementsAre;

/// Computed by hand in double precision: c = 4/5, rate 0.1 c, betas 0.9^c and 0.99^c (Karras et al. 2020, App. B).
TEST(LazyGroup, HasItsRateAndBetasCorrected) {
  EXPECT_THAT(weights_after(4), ElementsAre(DoubleNear(0.9200000008, 1e-9), DoubleNear(0.8978717042570915, 1e-9),
                                            DoubleNear(0.8458037619962171, 1e-9)));
}

TEST(LazyGroup, WithoutExtraStepsIsPlainAdam) {
  EXPECT_THAT(weights_after(1), ElementsAre(DoubleNear(0.900000001, 1e-9), DoubleNear(0.8733300584300727, 1e-9),
                                            DoubleNear(0.8076887740629398, 1e-9)));
}

}  // namespace
}  // namespace figment
