#include "figment/models/gan/gan.h"

#include <gmock/gmock.h>

#include <numbers>
#include <numeric>

#include "figment/base/error.h"
#include "figment/tensor/tensors.h"

namespace figment::gan {
namespace {

double number(const Tensor& t) { return t.item<double>(); }

DataSpec images_of(int64_t channels, int64_t height, int64_t width) {
  return {.x = PixelSpec{.channels = channels, .height = height, .width = width}};
}

std::vector<Tensor> copies(const std::vector<Tensor>& tensors) {
  std::vector<Tensor> all;
  for (const Tensor& t : tensors) all.push_back(t.detach().clone());
  return all;
}

bool equal(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  for (size_t i = 0; i < a.size(); ++i)
    if (!a[i].equal(b[i])) return false;
  return true;
}

/// Plain gradient descent with Adam's moments left out, of one player or both; counts images and steps.
class Referee final : public Step {
 public:
  Referee(Model& model, std::vector<bool> moves) : groups_(model.groups()), moves_(std::move(moves)) {
    for (const ParameterGroup& group : groups_)
      optimizers_.emplace_back(group.parameters, torch::optim::AdamOptions(group.optimizer.learning_rate)
                                                     .betas({group.optimizer.beta1, group.optimizer.beta2}));
  }
  void minimize(int group, const Batch& batch, const Objective& objective) override {
    Tensor total;
    for (const LossTerm& term : objective(batch)) {
      names.emplace_back(term.name);
      weights[std::string(term.name)] = term.weight;
      total = total.defined() ? total + term.weight * term.value : term.weight * term.value;
    }
    if (!moves_[size_t(group)]) return;
    auto& optimizer = optimizers_[size_t(group)];
    optimizer.zero_grad();
    total.backward({}, std::nullopt, false, groups_[size_t(group)].parameters);
    optimizer.step();
  }
  void observe(std::string_view metric, const Tensor& value) override { observed[std::string(metric)] = number(value); }
  int64_t iteration() const override { return steps; }
  double images() const override { return 0; }
  double progress() const override { return 0; }

  int64_t steps = 0;
  std::vector<std::string> names;
  std::map<std::string, double> observed, weights;

 private:
  std::vector<ParameterGroup> groups_;
  std::vector<bool> moves_;
  std::vector<torch::optim::Adam> optimizers_;
};

Config tiny(NetworkKind network) {
  Config config{.network = network, .latent = 6};
  if (network == NetworkKind::kDense)
    config.hidden = {12, 12};
  else
    config.width = 4, config.stages = 2;
  return config;
}

/// Points around eight places of a circle of radius 2, deviation 0.1.
Tensor ring(int64_t count) {
  const Tensor angle = torch::randint(0, 8, {count}) * (std::numbers::pi / 4);
  return 2 * torch::stack({angle.cos(), angle.sin()}, 1) + 0.1 * torch::randn({count, 2});
}

struct Coverage {
  int64_t modes;
  double within;
};
Coverage coverage_of_ring(const Tensor& points) {
  const Tensor angle = torch::arange(8) * (std::numbers::pi / 4),
               centres = 2 * torch::stack({angle.cos(), angle.sin()}, 1);
  const auto [distance, which] = (points.unsqueeze(1) - centres.unsqueeze(0)).norm(2, 2).min(1);
  const Tensor near = distance <= 0.3;
  const Tensor share = torch::bincount(which.masked_select(near), {}, 8).to(torch::kDouble) / double(points.size(0));
  return {(share > 0.02).sum().item<int64_t>(), number(near.to(torch::kDouble).mean())};
}

class Networks : public testing::TestWithParam<NetworkKind> {};

}  // namespace

TEST_P(Networks, EachPlayersStepLeavesTheOthersParametersBitIdentical) {
  torch::manual_seed(0);
  Gan model(tiny(GetParam()), images_of(1, 14, 12));
  const Batch batch{.x = torch::rand({8, 1, 14, 12}) * 2 - 1};
  for (const int moving : {kDiscriminator, kGenerator}) {
    const auto groups = model.groups();
    const auto own = copies(groups[size_t(moving)].parameters), other = copies(groups[size_t(1 - moving)].parameters);
    std::vector<bool> moves(2);
    moves[size_t(moving)] = true;
    for (const ParameterGroup& group : groups)
      for (Tensor p : group.parameters) p.mutable_grad() = Tensor();
    Referee referee(model, moves);
    model.train_step(batch, referee);
    EXPECT_FALSE(equal(own, groups[size_t(moving)].parameters));
    EXPECT_TRUE(equal(other, groups[size_t(1 - moving)].parameters));
    for (const Tensor& p : groups[size_t(1 - moving)].parameters) EXPECT_FALSE(p.grad().defined());
  }
}

TEST_P(Networks, ImagesHaveTheSizeOfTheData) {
  for (const auto& [channels, height, width] : {std::tuple(1, 28, 28), std::tuple(3, 16, 20), std::tuple(1, 9, 13)}) {
    Gan model(tiny(GetParam()), images_of(channels, height, width));
    model.eval();
    const torch::NoGradGuard no_grad;
    const Tensor x = model.decode(torch::randn({3, 6}), {});
    EXPECT_EQ(x.sizes(), torch::IntArrayRef({3, channels, height, width}));
    EXPECT_LE(number(x.abs().max()), 1);
    EXPECT_EQ(model.discriminator().forward(x).sizes(), torch::IntArrayRef({3}));
  }
}

TEST_P(Networks, EveryLossGoesWithEveryPenaltyAndSpectralNorm) {
  for (size_t i = 0; i < kWords<AdversarialLoss>.size(); ++i) {
    const auto loss = AdversarialLoss(i);
    Config config = tiny(GetParam());
    config.loss = loss;
    config.spectral_norm = true;
    config.r1 = config.r2 = config.gradient_penalty = 0.1;
    config.augment = {.colour = true, .translation = true, .cutout = true};
    torch::manual_seed(0);
    Gan model(config, images_of(1, 8, 8));
    Referee referee(model, {true, true});
    for (int i = 0; i < 2; ++i) model.train_step({.x = torch::rand({4, 1, 8, 8}) * 2 - 1}, referee);
    EXPECT_THAT(std::vector(referee.names.begin(), referee.names.begin() + 5),
                testing::ElementsAre("adversarial", "r1", "r2", "gradient_penalty", "adversarial"));
    for (const Tensor& p : model.parameters()) EXPECT_TRUE(p.isfinite().all().item<bool>());
  }
}
INSTANTIATE_TEST_SUITE_P(All, Networks,
                         testing::Values(NetworkKind::kDense, NetworkKind::kConv, NetworkKind::kResidual),
                         [](const auto& item) { return std::string(kWords<NetworkKind>[size_t(item.param)]); });

/// What a step observes where the discriminator is as sure as `logits` say of all it sees.
std::map<std::string, double> observed_of(AdversarialLoss loss, double logits) {
  torch::manual_seed(0);
  Config config = tiny(NetworkKind::kDense);
  config.loss = loss;
  Gan model(config, images_of(1, 8, 8));
  {
    const torch::NoGradGuard no_grad;
    model.discriminator().parameters().back().fill_(logits);
  }
  Referee referee(model, {false, false});
  referee.steps = 99;
  model.train_step({.x = torch::rand({32, 1, 8, 8}) * 2 - 1}, referee);
  return referee.observed;
}

TEST(Gan, TheGeneratorWaitsForItsTurnAndLazyPenaltiesWeighAsMuchMore) {
  Config config = tiny(NetworkKind::kDense);
  config.discriminator_steps = 3;
  config.penalty_every = 2;
  config.r1 = 0.3, config.r2 = 0.5, config.gradient_penalty = 0.7;
  Gan model(config, images_of(1, 8, 8));
  Referee referee(model, {true, true});
  for (; referee.steps < 6; ++referee.steps) model.train_step({.x = torch::rand({4, 1, 8, 8})}, referee);
  EXPECT_EQ(std::count(referee.names.begin(), referee.names.end(), "r1"), 3);
  EXPECT_EQ(std::count(referee.names.begin(), referee.names.end(), "adversarial"), 6 + 2);
  EXPECT_DOUBLE_EQ(referee.weights.at("r1"), 0.3 / 2 * 2);
  EXPECT_DOUBLE_EQ(referee.weights.at("r2"), 0.5 / 2 * 2);
  EXPECT_DOUBLE_EQ(referee.weights.at("gradient_penalty"), 0.7 * 2);
}

TEST(Gan, HeldOutImagesAreAskedOfBothPlayersWhateverTheirTurns) {
  Config config = tiny(NetworkKind::kDense);
  config.discriminator_steps = 3;
  Gan model(config, images_of(1, 8, 8));
  model.eval();
  const torch::NoGradGuard no_grad;
  Referee referee(model, {false, false});
  model.train_step({.x = torch::rand({4, 1, 8, 8})}, referee);
  EXPECT_THAT(referee.names, testing::ElementsAre("adversarial", "adversarial"));
}

TEST(Gan, ADiscriminatorThatHasWonTellsAllPairsApartUnderEveryLoss) {
  const Alarm won = entry().alarms.at(0);
  ASSERT_EQ(won.metric, "discriminator_auc");
  for (size_t i = 0; i < kWords<AdversarialLoss>.size(); ++i) {
    torch::manual_seed(0);
    Config config = tiny(NetworkKind::kDense);
    config.loss = AdversarialLoss(i);
    config.discriminator.learning_rate = 0.01;
    Gan model(config, images_of(1, 8, 8));
    Referee referee(model, {true, false});
    const Batch bright{.x = torch::rand({32, 1, 8, 8}) + 0.5};
    for (; referee.steps < 50; ++referee.steps) model.train_step(bright, referee);
    EXPECT_GT(referee.observed.at("discriminator_auc"), won.healthy.most) << kWords<AdversarialLoss>[i];
    const torch::NoGradGuard no_grad;
    for (Tensor p : model.discriminator().parameters()) p.zero_();
    const torch::AutoGradMode grad(true);
    model.train_step(bright, referee);
    EXPECT_EQ(referee.observed.at("discriminator_auc"), 0.5) << "it says the same of all";
  }
}

TEST(Gan, EveryAlarmHasAFigureThatAStepObserves) {
  const auto observed = observed_of(AdversarialLoss::kNonSaturating, 0);
  for (const Alarm& alarm : entry().alarms) EXPECT_TRUE(observed.contains(std::string(alarm.metric))) << alarm.metric;
}

TEST(Gan, TheGameAsItWasWrittenIsFlatWhereTheDiscriminatorIsSureAndTheOtherIsNot) {
  const auto minimax = observed_of(AdversarialLoss::kMinimax, -30);
  EXPECT_LT(minimax.at("slope"), 1e-6);
  EXPECT_NEAR(observed_of(AdversarialLoss::kNonSaturating, -30).at("slope"), 1, 1e-6);
  EXPECT_NEAR(observed_of(AdversarialLoss::kHinge, -30).at("slope"), 1, 1e-6);
  const double steep = minimax.at("non_saturating/generator_gradient");
  EXPECT_GT(steep, 1e-3);
  EXPECT_LT(minimax.at("minimax/generator_gradient"), 1e-6 * steep);
  const auto unsure = observed_of(AdversarialLoss::kMinimax, 0);
  EXPECT_NEAR(unsure.at("minimax/generator_gradient") / unsure.at("non_saturating/generator_gradient"), 1, 0.2);
}

TEST(Gan, OneImageAgainAndAgainHasNoVariety) {
  Gan model(tiny(NetworkKind::kDense), images_of(1, 8, 8));
  const Batch data{.x = torch::rand({32, 1, 8, 8}) * 2 - 1};
  Referee referee(model, {false, false});
  model.train_step(data, referee);
  EXPECT_GT(referee.observed.at("variety"), 0.01);
  {
    const torch::NoGradGuard no_grad;
    for (Tensor p : model.generator().parameters()) p.zero_();
  }
  model.train_step(data, referee);
  EXPECT_EQ(referee.observed.at("variety"), 0);
}

TEST(Gan, OfEqualPicturesNoVarietyIsReported) {
  Gan model(tiny(NetworkKind::kDense), images_of(1, 8, 8));
  Referee referee(model, {false, false});
  model.train_step({.x = torch::zeros({32, 1, 8, 8})}, referee);
  EXPECT_TRUE(std::isnan(referee.observed.at("variety")));
}

TEST(Gan, StatisticsAreThoseOfTheWeightsAsTheyAre) {
  torch::manual_seed(0);
  Gan model(tiny(NetworkKind::kConv), images_of(1, 8, 8));
  {
    const torch::NoGradGuard no_grad;
    for (Tensor p : model.generator().parameters()) p.mul_(3);  // what running averages would not know
  }
  const auto state = at::globalContext().defaultGenerator(torch::kCPU).get_state();
  model.refresh();
  EXPECT_TRUE(at::globalContext().defaultGenerator(torch::kCPU).get_state().equal(state))
      << "it drew from the training";
  const auto once = copies(model.buffers());
  model.refresh();
  EXPECT_TRUE(equal(once, model.buffers())) << "the same weights have the same statistics";
  const torch::NoGradGuard no_grad;
  const Tensor z = torch::randn({4096, 6});
  model.train();
  const Tensor of_batch = model.decode(z, {});
  model.refresh();
  model.eval();
  EXPECT_LT(number((model.decode(z, {}) - of_batch).abs().mean()), 0.02);
}

TEST(Gan, DataThatTheNetworkDoesNotTakeIsASentence) {
  EXPECT_THROW(Gan(tiny(NetworkKind::kConv), {.x = PointSpec{}}), DataError);
  EXPECT_THROW(Gan(tiny(NetworkKind::kConv), images_of(1, 3, 8)), ConfigError);
  Config dense = tiny(NetworkKind::kDense);
  dense.augment.translation = true;
  EXPECT_THROW(Gan(dense, {.x = PointSpec{}}), ConfigError);
}

/// Both networks 2 x 128, batches of 256, 4,000 steps.
class Ring : public testing::TestWithParam<std::pair<AdversarialLoss, double>> {};
TEST_P(Ring, AllEightModesAreFoundAndFewPointsLieBetween) {
  const auto [loss, r2] = GetParam();
  torch::manual_seed(1);
  Config config{.network = NetworkKind::kDense, .latent = 2, .loss = loss, .r1 = 0.1, .r2 = r2};
  const DataSpec plane{.x = PointSpec{}};
  Gan model(config, plane), average(config, plane);
  Referee referee(model, {true, true});
  const auto weights = model.generator().parameters(), averages = average.generator().parameters();
  for (; referee.steps < 4000; ++referee.steps) {
    model.train_step({.x = ring(256)}, referee);
    const torch::NoGradGuard no_grad;
    const double keep = std::min(0.999, double(1 + referee.steps) / double(10 + referee.steps));
    for (size_t i = 0; i < weights.size(); ++i) averages[i].lerp_(weights[i], 1 - keep);
  }
  const torch::NoGradGuard no_grad;
  const Coverage found = coverage_of_ring(average.decode(torch::randn({10000, 2}), {}));
  EXPECT_EQ(found.modes, 8);
  EXPECT_GE(found.within, 0.9);
}
INSTANTIATE_TEST_SUITE_P(Losses, Ring,
                         testing::Values(std::pair(AdversarialLoss::kNonSaturating, 0.0),
                                         std::pair(AdversarialLoss::kRelativistic, 0.1)));

}  // namespace figment::gan
