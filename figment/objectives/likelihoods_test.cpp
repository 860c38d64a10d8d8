#include "figment/objectives/likelihoods.h"

#include <gmock/gmock.h>

#include <cmath>

namespace figment {
namespace {

const auto kDouble = torch::dtype(torch::kDouble);

double number(const Tensor& t) { return t.item<double>(); }

}  // namespace

TEST(BernoulliNats, IsMinusTheLogOfTheProbability) {
  const Tensor logit = torch::tensor({{0.3, -1.2}}, kDouble), x = torch::tensor({{1.0, 0.0}}, kDouble);
  const double by_hand = -std::log(1 / (1 + std::exp(-0.3))) - std::log(1 - 1 / (1 + std::exp(1.2)));
  EXPECT_NEAR(number(bernoulli_nats(logit, x)), by_hand, 1e-12);
}

TEST(BernoulliNats, StaysFiniteAtFarLogits) {
  for (const auto type : {torch::kDouble, torch::kFloat}) {
    Tensor logit = torch::tensor({{50.0, 50.0, -50.0, -50.0}}, type).requires_grad_();
    const Tensor nats = bernoulli_nats(logit, torch::tensor({{1.0, 0.0, 1.0, 0.0}}, type));
    nats.sum().backward();
    EXPECT_NEAR(number(nats), 100, 1e-5);
    EXPECT_TRUE(torch::allclose(logit.grad(), torch::tensor({{0.0, 1.0, -1.0, 0.0}}, type), 0, 1e-6));
  }
}

TEST(BernoulliNats, BothOutcomesAddUpToOne) {
  const Tensor logit = torch::linspace(-8, 8, 33, kDouble).unsqueeze(1);
  const Tensor sum = (-bernoulli_nats(logit, torch::zeros_like(logit))).exp() +
                     (-bernoulli_nats(logit, torch::ones_like(logit))).exp();
  EXPECT_TRUE(torch::allclose(sum, torch::ones_like(sum), 0, 1e-8));
}

TEST(BernoulliNats, SumsOverTheImageAndKeepsTheBatch) {
  const Tensor logit = torch::randn({3, 2, 4, 5}), x = torch::rand({3, 2, 4, 5}).round();
  const Tensor nats = bernoulli_nats(logit, x);
  ASSERT_EQ(nats.sizes(), (std::vector<int64_t>{3}));
  EXPECT_NEAR(number(nats[1]), number(bernoulli_nats(logit[1].reshape({40, 1}), x[1].reshape({40, 1})).sum()), 1e-4);
}

TEST(Likelihoods, AreComputedInFp32FromBf16) {
  const Tensor x = torch::rand({2, 9}).round(), h = torch::randn({2, 9}).to(torch::kBFloat16);
  for (const Tensor& nats : {bernoulli_nats(h, x), gaussian_nats(h, h, x), discretised_logistic_nats(h, h, x, 256)})
    EXPECT_EQ(nats.scalar_type(), torch::kFloat);
  EXPECT_TRUE(bernoulli_nats(h, x).equal(bernoulli_nats(h.to(torch::kFloat), x)));
}

TEST(GaussianNats, IntegratesToOne) {
  const Tensor x = torch::linspace(-10, 10, 20001, kDouble).unsqueeze(1);
  const Tensor density = (-gaussian_nats(torch::full_like(x, 0.4), torch::tensor(-1.1, kDouble), x)).exp();
  EXPECT_NEAR(number(density.sum()) * 1e-3, 1, 1e-10);
}

TEST(GaussianNats, ScaleIsBestAtTheRootOfTheMeanSquaredError) {  // Rybkin et al. 2021
  torch::manual_seed(1);
  const Tensor x = torch::rand({20, 30}, kDouble), mean = torch::rand({20, 30}, kDouble);
  const double mse = number((x - mean).square().mean());
  Tensor log_scale = torch::tensor(std::log(mse) / 2, kDouble).requires_grad_();
  const Tensor nats = gaussian_nats(mean, log_scale, x).mean();
  nats.backward();
  EXPECT_NEAR(number(log_scale.grad()), 0, 1e-10);
  EXPECT_NEAR(number(nats), 30 / 2.0 * std::log(2 * M_PI * M_E * mse), 1e-9);
}

TEST(GaussianNats, AtAFixedScaleTrainsLikeTheSquaredError) {
  Tensor mean = torch::randn({4, 6}, kDouble).requires_grad_();
  const Tensor x = torch::randn({4, 6}, kDouble);
  const double scale = 0.3;
  gaussian_nats(mean, torch::tensor(std::log(scale), kDouble), x).sum().backward();
  EXPECT_TRUE(torch::allclose(mean.grad(), (mean.detach() - x) / (scale * scale)));
}

struct Logistic {
  double mean, log_scale;
};
class DiscretisedLogistic : public testing::TestWithParam<Logistic> {};
INSTANTIATE_TEST_SUITE_P(T16, DiscretisedLogistic,
                         testing::Values(Logistic{0, -1}, Logistic{.3, -3}, Logistic{-1.2, -2}, Logistic{.97, -5},
                                         Logistic{0, -7}));

TEST_P(DiscretisedLogistic, MassesAddUpToOne) {
  const auto [mean, log_scale] = GetParam();
  for (const int64_t levels : {256, 16, 2}) {
    const Tensor x = torch::linspace(-1, 1, levels, kDouble).unsqueeze(1);
    const Tensor probability =
        (-discretised_logistic_nats(torch::full_like(x, mean), torch::full_like(x, log_scale), x, levels)).exp();
    EXPECT_NEAR(number(probability.sum()), 1, 1e-12);
    const Tensor in_fp32 = x.to(torch::kFloat);
    EXPECT_NEAR(number((-discretised_logistic_nats(torch::full_like(in_fp32, mean),
                                                   torch::full_like(in_fp32, log_scale), in_fp32, levels))
                           .exp()
                           .sum()),
                1, 1e-5);
  }
}

TEST_P(DiscretisedLogistic, MiddleBinsAreDifferencesOfTheDistribution) {
  const auto [mean, log_scale] = GetParam();
  const auto distribution = [&](double x) { return 1 / (1 + std::exp(-(x - mean) / std::exp(log_scale))); };
  for (int64_t i = 1; i < 255; ++i) {
    const double x = -1 + 2 * i / 255.0, probability = distribution(x + 1 / 255.0) - distribution(x - 1 / 255.0);
    if (probability < 1e-5) continue;  // the naive difference loses its digits there, the stable form does not
    const auto one = [](double value) { return torch::tensor({{value}}, kDouble); };
    EXPECT_NEAR(number(discretised_logistic_nats(one(mean), one(log_scale), one(x), 256)), -std::log(probability),
                1e-9);
  }
}

TEST(DiscretisedLogisticNats, GradientsAreFiniteFarOutside) {
  const Tensor x = torch::linspace(-1, 1, 256).unsqueeze(1);
  for (const double mean : {-3.0, 3.0}) {
    Tensor m = torch::full_like(x, mean).requires_grad_(), s = torch::full_like(x, -7).requires_grad_();
    const Tensor nats = discretised_logistic_nats(m, s, x, 256);
    nats.sum().backward();
    EXPECT_TRUE(nats.isfinite().all().item<bool>());
    EXPECT_TRUE(m.grad().isfinite().all().item<bool>());
    EXPECT_TRUE(s.grad().isfinite().all().item<bool>());
  }
}

TEST(Categorical, IsMinusTheLogOfTheShareOfTheValue) {
  const Tensor logits = torch::log(torch::tensor({.1, .2, .7})).view({1, 3, 1}).expand({2, 3, 2}) + 5;
  const Tensor nats = categorical_nats(logits, torch::tensor({{2, 2}, {0, 1}}, torch::kLong));
  EXPECT_NEAR(nats[0].item<double>(), -2 * std::log(.7), 1e-6);
  EXPECT_NEAR(nats[1].item<double>(), -std::log(.1) - std::log(.2), 1e-6);
}

TEST(Categorical, LevelsOfTheGridComeBack) {
  for (const int64_t levels : {2, 16, 256})
    EXPECT_TRUE(level_of(torch::linspace(-1, 1, levels), levels).equal(torch::arange(levels)));
}

}  // namespace figment
