#include "figment/models/pixel_cnn/head.h"

#include <gmock/gmock.h>

#include <numeric>

#include "figment/base/error.h"

namespace figment::pixel_cnn {
namespace {

constexpr int64_t kSymbols = 4;

std::shared_ptr<Head> random_head(LikelihoodKind kind) {
  torch::manual_seed(3);
  const auto head = make_head({.likelihood = kind, .mixtures = 2}, {.channels = 3, .symbols = kSymbols});
  head->to(torch::kDouble);
  for (Tensor& p : head->parameters()) p.data().normal_();
  return head;
}

/// All symbols of three channels, [64,3,1,1].
Tensor every_symbol() {
  const Tensor one = torch::arange(kSymbols);
  return torch::cartesian_prod({one, one, one}).view({-1, 3, 1, 1});
}

std::vector<double> probabilities(const Head& head, const Tensor& outputs, const std::vector<int64_t>& earlier) {
  std::vector<double> probability(kSymbols);
  head.probabilities()({outputs.const_data_ptr<double>(), size_t(outputs.numel())}, earlier, probability);
  const double sum = std::accumulate(probability.begin(), probability.end(), 0.0);
  for (double& p : probability) p /= sum;
  return probability;
}

int64_t draw(std::vector<double> probability, const SampleOptions& options, double uniform) {
  return draw_symbol(probability, options, uniform);
}

}  // namespace

TEST(PixelCnnHead, EachIsADistributionAndDrawsFromTheSame) {
  for (const auto kind : {LikelihoodKind::kCategorical, LikelihoodKind::kLogisticMixture}) {
    const auto head = random_head(kind);
    const Tensor outputs = torch::randn({1, head->outputs(), 1, 1}, torch::kDouble), all = every_symbol();
    const Tensor nats = head->nats(outputs.expand({64, -1, 1, 1}), all).flatten();
    EXPECT_NEAR((-nats).exp().sum().item<double>(), 1, 1e-12);
    for (int64_t i = 0; i < 64; ++i) {
      double log_p = 0;
      std::vector<int64_t> earlier;
      for (int64_t c = 0; c < 3; ++c) {
        const int64_t symbol = all[i][c].item<int64_t>();
        log_p += std::log(probabilities(*head, outputs, earlier)[size_t(symbol)]);
        earlier.push_back(symbol);
      }
      EXPECT_NEAR(-nats[i].item<double>(), log_p, 1e-9);
    }
  }
}

TEST(PixelCnnHead, AChannelDependsOnThoseBeforeItAndOnNoLaterOne) {
  for (const auto kind : {LikelihoodKind::kCategorical, LikelihoodKind::kLogisticMixture}) {
    const auto head = random_head(kind);
    const Tensor outputs = torch::randn({1, head->outputs(), 1, 1}, torch::kDouble);
    EXPECT_NE(probabilities(*head, outputs, {0}), probabilities(*head, outputs, {1}));        // green after red
    EXPECT_NE(probabilities(*head, outputs, {0, 2}), probabilities(*head, outputs, {1, 2}));  // blue after red
    EXPECT_NE(probabilities(*head, outputs, {0, 2}), probabilities(*head, outputs, {0, 3}));  // blue after green
    // Summed over what comes later, the probability of red is what it is alone.
    const Tensor p = (-head->nats(outputs.expand({64, -1, 1, 1}), every_symbol()).flatten()).exp().view({4, 4, 4});
    for (int64_t red = 0; red < kSymbols; ++red)
      EXPECT_NEAR(p[red].sum().item<double>(), probabilities(*head, outputs, {})[size_t(red)], 1e-12);
  }
}

TEST(PixelCnnHead, CodesAreCategoricalWhateverPixelsAre) {
  EXPECT_EQ(make_head({}, {.symbols = 512, .codes = true})->outputs(), 512);
  EXPECT_EQ(make_head({}, {.symbols = 256})->outputs(), 30);
  EXPECT_EQ(make_head({}, {.channels = 3})->outputs(), 100);
  EXPECT_THROW(make_head({.mixtures = 5}, {.symbols = 512, .codes = true}), ConfigError);
}

TEST(PixelCnnDrawn, InvertsTheCumulativeSum) {
  const std::vector<double> probability{2, 0, 5, 3};  // up to a factor
  EXPECT_EQ(draw(probability, {}, 0), 0);
  EXPECT_EQ(draw(probability, {}, 0.199), 0);
  EXPECT_EQ(draw(probability, {}, 0.201), 2);
  EXPECT_EQ(draw(probability, {}, 0.699), 2);
  EXPECT_EQ(draw(probability, {}, 0.701), 3);
  EXPECT_EQ(draw(probability, {}, 1), 3);
  EXPECT_EQ(draw({1, 0}, {}, 1), 0);  // never a symbol of probability 0
}

TEST(PixelCnnDrawn, TopKKeepsTheMostProbable) {
  const std::vector<double> probability{2, 0, 5, 3};
  EXPECT_EQ(draw(probability, {.top_k = 2}, 0), 2);
  EXPECT_EQ(draw(probability, {.top_k = 2}, 0.624), 2);  // 5 of 8
  EXPECT_EQ(draw(probability, {.top_k = 2}, 0.626), 3);
  EXPECT_EQ(draw(probability, {.top_k = 1}, 0.999), 2);
  EXPECT_EQ(draw(probability, {.top_k = 100}, 0), 0);
}

TEST(PixelCnnDrawn, TopPKeepsTheFewestThatReachTheShare) {
  const std::vector<double> probability{2, 0, 5, 3};
  EXPECT_EQ(draw(probability, {.top_p = 0.5}, 0.999), 2);
  EXPECT_EQ(draw(probability, {.top_p = 0.51}, 0.626), 3);
  EXPECT_EQ(draw(probability, {.top_p = 0.51}, 0), 2);
  EXPECT_EQ(draw(probability, {.top_p = 0}, 0.999), 2);  // one is always left
  EXPECT_EQ(draw(probability, {.top_p = 0.9}, 0), 0);
}

TEST(PixelCnnDrawn, TemperatureIsAPower) {
  const std::vector<double> probability{1, 4};
  EXPECT_EQ(draw(probability, {.temperature = 0}, 0), 1);
  EXPECT_EQ(draw(probability, {.temperature = 0.5}, 0.058), 0);  // 1 : 16
  EXPECT_EQ(draw(probability, {.temperature = 0.5}, 0.060), 1);
  EXPECT_EQ(draw(probability, {.temperature = 2}, 0.332), 0);  // 1 : 2
  EXPECT_EQ(draw(probability, {.temperature = 2}, 0.334), 1);
}

}  // namespace figment::pixel_cnn
