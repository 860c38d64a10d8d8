#include "figment/training/trainer.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "figment/base/error.h"

namespace figment {
namespace {

/// y = w·x against a target, in two groups: what a step does can be computed by hand.
struct Toy final : Model {
  explicit Toy(Optimizer first = {}, Optimizer second = {}) : first_(first), second_(second) {
    a = register_parameter("a", torch::full({2, 2}, 0.5));
    b = register_parameter("b", torch::full({2}, -1.0));
  }
  std::vector<ParameterGroup> groups() override {
    return {{"a", {a}, first_}, {"b", {b}, second_, /*averaged=*/false}};
  }
  void train_step(const Batch& batch, Step& step) override {
    step.minimize(0, batch, [&](const Batch& part) -> LossTerms {
      return {{"fit", (part.x.matmul(a) + b - 1).square().mean()}, {"size", a.square().sum(), 0.1}};
    });
    if (!both) return;
    step.minimize(1, batch, [&](const Batch& part) -> LossTerms {
      return {{"fit", (part.x.matmul(a) + b).square().mean() * scale}};
    });
  }
  Optimizer first_, second_;
  Tensor a, b;
  bool both = false;
  double scale = 1;
};

Batch batch(int64_t n = 12) { return {.x = torch::linspace(-1, 1, 2 * n).view({n, 2})}; }

TrainingOptions options() { return {.images = 1200, .batch_size = 12, .precision = Precision::kFp32}; }

TEST(Trainer, AStepOfOneGroupLeavesTheOtherBitEqual) {
  Toy toy;
  const Tensor before = toy.b.detach().clone();
  Trainer(toy, nullptr, options()).step(batch());
  EXPECT_TRUE(torch::equal(toy.b, before));
  EXPECT_FALSE(torch::equal(toy.a, torch::full({2, 2}, 0.5)));
}

TEST(Trainer, AStepSplitInThreeEqualsAWholeOne) {
  Toy whole, split;
  whole.to(torch::kFloat64), split.to(torch::kFloat64);
  whole.both = split.both = true;
  TrainingOptions parts = options();
  parts.micro_batches = 3;
  Trainer one(whole, nullptr, options()), three(split, nullptr, parts);
  const Batch data{.x = batch().x.to(torch::kFloat64)};
  for (int i = 0; i < 20; ++i) one.step(data), three.step(data);
  EXPECT_LT((whole.a - split.a).abs().max().item<double>(), 1e-14);
  EXPECT_LT((whole.b - split.b).abs().max().item<double>(), 1e-14);
}

TEST(Trainer, AStateFromADamagedFileIsASentence) {
  Toy toy, average;
  Trainer trainer(toy, &average, options());
  trainer.step(batch());
  TensorMap good = trainer.state();
  for (auto& [key, tensor] : good) tensor = tensor.clone();  // some are the trainer's own
  const auto sum = [](double count) { return torch::tensor({1.0, count}, torch::kFloat64); };
  const Tensor generator = good.at("generator");
  const std::pair<const char*, Tensor> damaged[] = {{"log.train/a/fit", sum(1e300)},
                                                    {"log.train/a/fit", sum(std::nan(""))},
                                                    {"log.train/a/fit", sum(-1)},
                                                    {"log.train/a/fit", sum(0)},
                                                    {"log.train/a/fit", sum(1.5)},
                                                    {"log.train/a/fit", torch::zeros({1, 2}, torch::kFloat64)},
                                                    {"iteration", torch::tensor(int64_t(-1))},
                                                    {"images", torch::tensor(int64_t(-12))},
                                                    {"images", torch::tensor(std::numeric_limits<int64_t>::max())},
                                                    {"adam.steps.a", torch::tensor(-1.0f)},
                                                    {"adam.steps.a", torch::tensor(float(NAN))},
                                                    {"followed.a", torch::tensor(int64_t(-12))},
                                                    {"generator", torch::zeros_like(generator)},
                                                    {"generator", generator.slice(0, 0, 100)},
                                                    {"generator", generator.to(torch::kFloat)}};
  for (const auto& [key, tensor] : damaged) {
    TensorMap state = good;
    ASSERT_TRUE(state.contains(key)) << key;
    state[key] = tensor;
    EXPECT_THAT([&] { trainer.load_state(state, "x.safetensors"); },
                testing::ThrowsMessage<CheckpointError>(
                    testing::AllOf(testing::StartsWith("x.safetensors: "), testing::HasSubstr(key))))
        << tensor;
  }
  trainer.load_state(good, "x.safetensors");
  EXPECT_EQ(trainer.images(), 12);
}

TEST(Trainer, AdamAgreesWithTheEngines) {
  for (const OptimizerKind kind : {OptimizerKind::kAdam, OptimizerKind::kAdamW}) {
    const Optimizer settings{.kind = kind, .learning_rate = 0.01, .beta1 = 0.8, .beta2 = 0.95, .weight_decay = 0.1};
    Toy ours(settings), theirs(settings);
    Trainer trainer(ours, nullptr, options());
    std::unique_ptr<torch::optim::Optimizer> optimizer;
    if (kind == OptimizerKind::kAdam)
      optimizer = std::make_unique<torch::optim::Adam>(
          std::vector<Tensor>{theirs.a}, torch::optim::AdamOptions(0.01).betas({0.8, 0.95}).weight_decay(0.1));
    else
      optimizer = std::make_unique<torch::optim::AdamW>(
          std::vector<Tensor>{theirs.a}, torch::optim::AdamWOptions(0.01).betas({0.8, 0.95}).weight_decay(0.1));
    for (int i = 0; i < 20; ++i) {
      trainer.step(batch());
      optimizer->zero_grad();
      ((batch().x.matmul(theirs.a) + theirs.b - 1).square().mean() + 0.1 * theirs.a.square().sum()).backward();
      optimizer->step();
    }
    EXPECT_LT((ours.a - theirs.a).abs().max().item<double>(), 1e-6) << int(kind);
  }
}

TEST(Trainer, DecayLeavesVectorsAlone) {
  Toy toy({}, {.kind = OptimizerKind::kAdamW, .weight_decay = 1});
  toy.both = true;
  toy.scale = 0;  // no gradient: only decay could move b
  Trainer(toy, nullptr, options()).step(batch());
  EXPECT_TRUE(torch::equal(toy.b, torch::full({2}, -1.0)));
}

TEST(Trainer, ClippingBoundsTheNormOfTheGroup) {
  Toy toy({.clip_norm = 1e-3});
  Trainer trainer(toy, nullptr, options());
  trainer.step(batch());
  EXPECT_NEAR(toy.a.grad().norm().item<double>(), 1e-3, 1e-6);
  EXPECT_GT(trainer.take_log().at("train/a/gradient_norm"), 1e-3);  // reported before clipping
}

TEST(Trainer, LossIsTheWeightedSumAndTermsAreNot) {
  Toy toy;
  Trainer trainer(toy, nullptr, options());
  const double fit = (batch().x.matmul(toy.a) + toy.b - 1).square().mean().item<double>();
  trainer.step(batch());
  const auto log = trainer.take_log();
  EXPECT_NEAR(log.at("train/a/fit"), fit, 1e-6);
  EXPECT_NEAR(log.at("train/a/size"), 1.0, 1e-6);  // 4 × 0.5²
  EXPECT_NEAR(log.at("train/a/loss"), fit + 0.1, 1e-6);
}

TEST(Trainer, ScheduleWarmsUpAndEndsAtItsShare) {
  TrainingOptions o{.images = 1000, .schedule = Schedule::kCosine, .warm_up = 100, .final_rate = 0.01};
  EXPECT_DOUBLE_EQ(learning_rate_share(o, 50), 0.5);
  EXPECT_DOUBLE_EQ(learning_rate_share(o, 100), 1);
  EXPECT_NEAR(learning_rate_share(o, 550), 0.505, 1e-12);  // halfway: (1 + 0.01) / 2
  EXPECT_NEAR(learning_rate_share(o, 1000), 0.01, 1e-12);
  EXPECT_NEAR(learning_rate_share(o, 1100), 0.01, 1e-12);
  o.schedule = Schedule::kConstant;
  EXPECT_DOUBLE_EQ(learning_rate_share(o, 900), 1);
}

TEST(Trainer, AverageForgetsHalfPerHalfLife) {
  const TrainingOptions o{.batch_size = 100, .average_half_life = 1000};
  EXPECT_NEAR(std::pow(average_decay(o, 1e9, 100), 10), 0.5, 1e-12);  // ten batches are a half-life
  EXPECT_NEAR(average_decay(o, 1000, 100), 0.5, 1e-12);               // early: a tenth of 1,000 images
  EXPECT_EQ(average_decay(o, 0, 100), 0);                             // at first the average is the weights
}

TEST(Trainer, AverageFollowsAveragedGroupsAndCopiesOthers) {
  Toy toy, average;
  toy.both = true;
  TrainingOptions o = options();
  o.average_half_life = 600;
  Trainer trainer(toy, &average, o);
  Tensor expected = toy.a.detach().clone();
  for (int i = 0; i < 5; ++i) {
    const double keep = average_decay(o, trainer.images(), 12);
    trainer.step(batch());
    expected = expected * keep + toy.a.detach() * (1 - keep);
  }
  EXPECT_LT((average.a - expected).abs().max().item<double>(), 1e-6);
  EXPECT_TRUE(torch::equal(average.b, toy.b));
}

/// Steps its only group not once in each training step, but `times` in every one of `every`.
struct Uneven final : Model {
  Uneven(int times_now, int64_t every_now) : times(times_now), every(every_now) {
    a = register_parameter("a", torch::full({2, 2}, 0.5));
  }
  std::vector<ParameterGroup> groups() override { return {{"a", {a}}}; }
  void train_step(const Batch& batch, Step& step) override {
    if (!step.every(every)) return;
    for (int i = 0; i < times; ++i)
      step.minimize(0, batch,
                    [&](const Batch& b) -> LossTerms { return {{"fit", (b.x.matmul(a) - 1).square().mean()}}; });
  }
  int times;
  int64_t every;
  Tensor a;
};

TEST(Trainer, AnAverageCountsImagesHoweverOftenItsGroupSteps) {
  for (const auto& [times, every] : {std::pair(5, 1), {1, 5}, {2, 3}}) {
    Uneven model(times, every), average(times, every);
    TrainingOptions o = options();
    o.average_half_life = 30;
    Trainer trainer(model, &average, o), again(model, &average, o);
    Tensor expected = model.a.detach().clone();
    for (int i = 1; i <= 30; ++i) {
      const double before = trainer.images();
      trainer.step(batch());
      if (i % every == 0) expected.lerp_(model.a.detach(), 1 - average_decay(o, before, double(12 * every)));
      EXPECT_LT((average.a - expected).abs().max().item<double>(), 1e-6) << times << " times, every " << every;
      if (i == 7) again.load_state(trainer.state(), "state");
    }
    EXPECT_EQ(again.state().at("followed.a").item<int64_t>(), 12 * (7 / every * every)) << "kept in a checkpoint";
  }
}

TEST(Trainer, AStateThatDoesNotSayHowFarItsAverageIsHasFollowedAllImages) {
  Toy toy, average;
  TrainingOptions o = options();
  o.average_half_life = 600;
  Trainer trainer(toy, &average, o), later(toy, &average, o);
  for (int i = 0; i < 3; ++i) trainer.step(batch());
  TensorMap earlier = trainer.state();
  EXPECT_EQ(std::erase_if(earlier, [](const auto& item) { return item.first.starts_with("followed."); }), 2u);
  later.load_state(earlier, "state");
  EXPECT_EQ(later.state().at("followed.a").item<int64_t>(), 36);
}

TEST(Trainer, WhatIsObservedNowAndThenIsTheMeanOfThose) {
  Toy toy;
  Trainer trainer(toy, nullptr, options());
  for (const double value : {1.0, std::nan(""), 4.0}) {
    trainer.observe("health", torch::tensor(value));
    trainer.observe("never", torch::tensor(std::nan("")));
    trainer.step(batch());
  }
  EXPECT_EQ(trainer.state().count("log.train/never"), 0u);
  const auto log = trainer.take_log();
  EXPECT_EQ(log.at("train/health"), 2.5);
  EXPECT_EQ(log.count("train/never"), 0u);
}

TEST(Trainer, ANonFiniteTermStopsWithIterationGroupAndTerm) {
  Toy toy;
  toy.both = true;
  Trainer trainer(toy, nullptr, options());
  trainer.step(batch());
  toy.scale = INFINITY;
  try {
    trainer.step(batch());
    FAIL() << "it went on";
  } catch (const TrainingDiverged& error) {
    EXPECT_THAT(error.what(), ::testing::AllOf(::testing::HasSubstr("step 2"), ::testing::HasSubstr("'fit'"),
                                               ::testing::HasSubstr("'b'")));
  }
}

TEST(Trainer, AnAlarmIsSaidOnceAfterItsPatience) {
  Toy toy;
  TrainingOptions o = options();
  o.log_every = 100;
  Trainer trainer(toy, nullptr, o,
                  {{.metric = "health", .healthy = {.least = 1}, .patience_images = 200, .sentence = "it is ill"}});
  std::vector<size_t> said;
  for (const double value : {0.5, 0.5, 0.5, 0.5, 2.0})
    said.push_back(trainer.take_alarms({{"train/health", value}}).size());
  EXPECT_THAT(said, ::testing::ElementsAre(0, 0, 1, 0, 0));
}

}  // namespace
}  // namespace figment
