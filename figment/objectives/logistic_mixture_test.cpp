#include "figment/objectives/logistic_mixture.h"

#include <gmock/gmock.h>

#include <numeric>

#include "figment/objectives/likelihoods.h"

namespace figment {
namespace {

const auto kDouble = torch::dtype(torch::kDouble);

/// All [L^C] pixels of C channels on the grid, as [L^C,C,1,1].
Tensor every_pixel(int64_t channels, int64_t levels) {
  const Tensor grid = torch::linspace(-1, 1, levels, kDouble);
  return torch::cartesian_prod(std::vector<Tensor>(size_t(channels), grid)).view({-1, channels, 1, 1});
}

std::span<const double> numbers(const Tensor& t) { return {t.const_data_ptr<double>(), size_t(t.numel())}; }

}  // namespace

TEST(LogisticMixture, OneLogisticOfOneChannelIsTheDiscretisedLogistic) {
  const Tensor x = torch::linspace(-1, 1, 256, kDouble).view({256, 1, 1, 1});
  for (const auto& [mean, log_scale] : {std::pair(0.0, -1.0), {0.3, -3.0}, {-1.2, -2.0}, {0.97, -5.0}, {0.0, -7.0}}) {
    const Tensor outputs = torch::tensor({0.4, mean, log_scale}, kDouble).view({1, 3, 1, 1}).expand({256, 3, 1, 1});
    const Tensor nats = logistic_mixture_nats(outputs, x, 1, 256).flatten();
    const Tensor alone = discretised_logistic_nats(torch::full_like(x, mean), torch::full_like(x, log_scale), x, 256);
    EXPECT_TRUE(torch::allclose(nats, alone, 0, 1e-12));
    EXPECT_NEAR((-nats).exp().sum().item<double>(), 1, 1e-12);
  }
}

TEST(LogisticMixture, AllColoursAddUpToOne) {
  torch::manual_seed(1);
  const Tensor x = every_pixel(3, 4), outputs = torch::randn({1, logistic_mixture_outputs(3, 2), 1, 1}, kDouble);
  EXPECT_EQ(outputs.size(1), 20);
  EXPECT_NEAR((-logistic_mixture_nats(outputs.expand({64, 20, 1, 1}), x, 2, 4)).exp().sum().item<double>(), 1, 1e-12);
}

TEST(LogisticMixture, AMeanMovesWithTheChannelsBeforeAndNoneAfter) {
  // One logistic, scale e^-2, coefficient (1,0) of 0.5, others 0: green's mean is tanh(0.5) times red.
  Tensor outputs = torch::zeros({1, 10, 1, 1}, kDouble);
  outputs.narrow(1, 4, 3).fill_(-2);
  outputs[0][7] = 0.5;
  const auto nats = [&](double red, double green, double blue) {
    return logistic_mixture_nats(outputs, torch::tensor({red, green, blue}, kDouble).view({1, 3, 1, 1}), 1, 3)
        .item<double>();
  };
  const auto one = [&](double mean, double x) {
    const auto t = [](double v) { return torch::tensor({v}, kDouble); };
    return discretised_logistic_nats(t(mean).view({1, 1}), t(-2.0).view({1, 1}), t(x).view({1, 1}), 3).item<double>();
  };
  for (const double red : {-1.0, 0.0, 1.0})
    for (const double green : {-1.0, 0.0, 1.0})
      for (const double blue : {-1.0, 0.0, 1.0})
        EXPECT_NEAR(nats(red, green, blue), one(0, red) + one(std::tanh(0.5) * red, green) + one(0, blue), 1e-12);
}

TEST(LogisticMixture, MassesAreTheProbabilitiesChannelByChannel) {
  torch::manual_seed(2);
  constexpr int64_t kLevels = 7;
  const Tensor outputs = torch::randn({1, logistic_mixture_outputs(3, 4), 1, 1}, kDouble) * 2;
  for (const Tensor& pixel : every_pixel(3, kLevels).unbind()) {
    std::vector<int64_t> level;
    double log_p = 0;
    for (int64_t c = 0; c < 3; ++c) {
      std::vector<double> probability(kLevels);
      logistic_mixture_probabilities(numbers(outputs), 3, 4, level, probability);
      level.push_back(std::llround((pixel[c].item<double>() + 1) / 2 * (kLevels - 1)));
      log_p +=
          std::log(probability[size_t(level.back())] / std::accumulate(probability.begin(), probability.end(), 0.0));
    }
    ASSERT_NEAR(-logistic_mixture_nats(outputs, pixel.unsqueeze(0), 4, kLevels).item<double>(), log_p, 1e-9);
  }
}

TEST(LogisticMixture, FarFromTheMeanMassesAreSmallButRight) {
  const Tensor outputs = torch::tensor({0.0, 0.9, -4.0}, kDouble), x = torch::linspace(-1, 1, 256, kDouble);
  std::vector<double> probability(256);
  logistic_mixture_probabilities(numbers(outputs), 1, 1, {}, probability);
  const Tensor log_probability = discretised_logistic_log_probability(outputs[1], outputs[2], x, 256);
  for (size_t i = 0; i < probability.size(); ++i)
    EXPECT_NEAR(std::log(probability[i]), log_probability[int64_t(i)].item<double>(), 1e-9) << i;
  EXPECT_LT(probability[1], 1e-40);
}

TEST(LogisticMixture, GradientsStayFiniteFarOutAndNarrow) {
  Tensor outputs = torch::tensor({0.0, 3.0, -9.0}).view({1, 3, 1, 1}).requires_grad_();
  for (const double x : {-1.0, 1.0}) {
    outputs.mutable_grad() = Tensor();
    logistic_mixture_nats(outputs, torch::full({1, 1, 1, 1}, x), 1, 256).sum().backward();
    EXPECT_TRUE(outputs.grad().isfinite().all().item<bool>());
  }
}

}  // namespace figment
