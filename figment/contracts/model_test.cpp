#include "figment/contracts/model.h"

#include <gmock/gmock.h>

#include "figment/training/trainer.h"

namespace figment {
namespace {

/// Two groups whose objectives look at one forward pass, as generator and discriminator of a translation do.
struct TwoPlayers final : Model {
  TwoPlayers() {
    a = register_parameter("a", torch::ones({}));
    b = register_parameter("b", torch::ones({}));
  }
  std::vector<ParameterGroup> groups() override {
    return {{.name = "first", .parameters = {a}}, {.name = "second", .parameters = {b}}};
  }
  void train_step(const Batch& batch, Step& step) override {
    auto forward = shared(batch, [&](const Batch& part) {
      sizes.push_back(part.size());
      return part.x * 2;
    });
    for (const int group : {0, 1})
      step.minimize(group, batch, [&](const Batch& part) -> LossTerms {
        doubled &= forward(part).equal(part.x * 2);
        return {{"loss", (forward(part) * (group == 0 ? a : b)).mean()}};
      });
  }
  Tensor a, b;
  std::vector<int64_t> sizes;  // of the batches that the forward pass was computed on
  bool doubled = true;
};

TwoPlayers trained(int64_t micro_batches) {
  TwoPlayers model;
  Trainer trainer(model, nullptr,
                  {.images = 60, .batch_size = 6, .micro_batches = micro_batches, .precision = Precision::kFp32});
  trainer.step({.x = torch::arange(6, torch::kFloat)});
  return model;
}

TEST(Shared, IsComputedOnceForAWholeStep) {
  const TwoPlayers model = trained(1);
  EXPECT_THAT(model.sizes, ::testing::ElementsAre(6));
  EXPECT_TRUE(model.doubled);
}

/// Nothing is kept then: memory stays that of one micro-batch. Each objective above asks twice.
TEST(Shared, IsComputedAgainForEachMicroBatch) {
  const TwoPlayers model = trained(3);
  EXPECT_THAT(model.sizes, ::testing::AllOf(::testing::SizeIs(12), ::testing::Each(2)));
  EXPECT_TRUE(model.doubled) << "a part must not get what belongs to another";
}

TEST(Step, EveryAndRampCountFromTheFirstStep) {
  struct At final : Step {
    void minimize(int, const Batch&, const Objective&) override {}
    void observe(std::string_view, const Tensor&) override {}
    int64_t iteration() const override { return done; }
    double images() const override { return double(done) * 10; }
    double progress() const override { return 0; }
    int64_t done = 0;
  } step;
  std::vector<int64_t> third;
  for (; step.done < 7; ++step.done)
    if (step.every(3)) third.push_back(step.done);
  EXPECT_THAT(third, ::testing::ElementsAre(2, 5));  // the third step, the sixth
  step.done = 2;
  EXPECT_EQ(step.ramp(80), 0.25);
  EXPECT_EQ(step.ramp(10), 1);
  EXPECT_EQ(step.ramp(0), 1);
}

}  // namespace
}  // namespace figment
