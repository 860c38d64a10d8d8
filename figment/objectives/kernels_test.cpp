// The fused kernels against the operators that they replace.
#include "figment/objectives/kernels.h"

#include <gmock/gmock.h>

#include <cmath>

#include "figment/objectives/gaussians.h"
#include "figment/objectives/likelihoods.h"

namespace figment {
namespace {

/// The operators' value: the kernels are for fp32.
Tensor in_operators(const Tensor& logit, const Tensor& x) {
  return bernoulli_nats(logit.to(torch::kDouble), x.to(torch::kDouble));
}

double apart(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); }

}  // namespace

TEST(FusedBernoulli, AgreesWithTheOperatorsInValueAndGradient) {
  torch::manual_seed(0);
  for (const int64_t d : {1, 15, 16, 255, 256, 257, 784}) {
    Tensor logit = (4 * torch::randn({5, d})).requires_grad_(), same = logit.detach().clone().requires_grad_();
    const Tensor x = torch::rand({5, d}), upstream = torch::randn({5});
    const Tensor fused = bernoulli_nats(logit, x), plain = in_operators(same, x);
    EXPECT_LT(((fused - plain) / plain).abs().max().item<double>(), 2e-6) << d;
    fused.backward(upstream);
    plain.backward(upstream.to(torch::kDouble));
    EXPECT_LT(apart(logit.grad(), same.grad()), 1e-6) << d;
  }
}

TEST(FusedBernoulli, HoldsForEveryLogit) {
  const Tensor l =
      torch::cat({torch::linspace(-30, 30, 60001), torch::tensor({-1e4f, -200.f, 200.f, 1e4f})}).unsqueeze(1);
  for (const double target : {0., .25, 1.}) {
    Tensor logit = l.clone().requires_grad_(), same = l.clone().requires_grad_();
    const Tensor x = torch::full_like(l, target), fused = bernoulli_nats(logit, x), plain = in_operators(same, x);
    EXPECT_TRUE(torch::allclose(fused.to(torch::kDouble), plain, 1e-6, 3e-7));
    fused.sum().backward();
    plain.sum().backward();
    EXPECT_LT(apart(logit.grad(), same.grad()), 3e-7);
  }
}

TEST(FusedBernoulli, NotANumberStaysOne) {
  EXPECT_TRUE(std::isnan(bernoulli_nats(torch::tensor({{1.f, NAN}}), torch::zeros({1, 2})).item<float>()));
}

TEST(FusedBernoulli, HasASecondDerivative) {
  const Tensor logit = torch::tensor({{.7f, -2.f}}).requires_grad_(), x = torch::tensor({{1.f, 0.f}});
  const Tensor first =
      torch::autograd::grad({bernoulli_nats(logit, x).sum()}, {logit}, {}, {}, /*create_graph=*/true)[0];
  const Tensor second = torch::autograd::grad({first.sum()}, {logit})[0], p = logit.detach().sigmoid();
  EXPECT_LT(apart(second, p * (1 - p)), 1e-6);
}

TEST(FusedKl, AgreesWithTheOperatorsInValueAndGradient) {
  torch::manual_seed(0);
  Tensor h = (2 * torch::randn({9, 2 * 7})).requires_grad_(), same = h.detach().to(torch::kDouble).requires_grad_();
  const auto kl = [](const Tensor& t) {
    return gaussian_kl_per_dimension(t.chunk(2, 1)[0], t.chunk(2, 1)[1].clamp(-3, 3));
  };
  const Tensor upstream = torch::randn({9, 7}), fused = kl(h), plain = kl(same);
  EXPECT_TRUE(torch::allclose(fused.to(torch::kDouble), plain, 1e-6, 1e-6));
  fused.backward(upstream);
  plain.backward(upstream.to(torch::kDouble));
  EXPECT_LT(apart(h.grad(), same.grad()), 1e-5);
}

TEST(FusedKl, HasASecondDerivative) {
  const Tensor mean = torch::randn({2, 3}).requires_grad_(), log_var = torch::randn({2, 3}).requires_grad_();
  const auto first =
      torch::autograd::grad({gaussian_kl(mean, log_var).sum()}, {mean, log_var}, {}, {}, /*create_graph=*/true);
  const auto second = torch::autograd::grad({first[0].sum() + first[1].sum()}, {mean, log_var});
  EXPECT_LT(apart(second[0], torch::ones({2, 3})), 1e-6);
  EXPECT_LT(apart(second[1], log_var.detach().exp() / 2), 1e-6);
}

/// The first known answer of the authors' own test vectors (Random123): key 0, counter 0.
TEST(DrawBernoulli, StreamIsPhilox) {
  // word 0 of the counters 0 … 15 comes first; word 0 at counter 0 is 6627e8d5, word 1 e169c58d, word 2 bc57ac4c, word
  // 3 9b00dbd8
  const uint32_t words[] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
  for (int word = 0; word < 4; ++word) {
    const float number = float(words[word] >> 8) * 0x1p-24f;
    for (const bool above : {false, true}) {
      const std::vector<float> probability(64, above ? std::nextafter(number, 1.f) : number);
      std::vector<float> x(64);
      kernels::draw_bernoulli(probability.data(), x.data(), 0, 64, 0);
      EXPECT_EQ(x[size_t(16 * word)], above ? 1 : 0);
    }
  }
}

TEST(DrawBernoulli, EachProbabilityIsMetAndZeroAndOneAreCertain) {
  torch::manual_seed(0);
  const int64_t n = 100000;
  for (const double p : {0., .01, .5, .9, 1.}) {
    const double mean = draw_bernoulli(torch::full({n}, p)).mean().item<double>();
    EXPECT_NEAR(mean, p, 4 * std::sqrt(p * (1 - p) / n)) << p;
  }
}

TEST(DrawBernoulli, NeighboursAreIndependent) {
  torch::manual_seed(0);
  const Tensor x = draw_bernoulli(torch::full({1 << 20}, .5f)) - .5;
  for (const int64_t lag : {1, 2, 16, 17, 48, 64, 784}) {
    const Tensor product = x.narrow(0, 0, x.size(0) - lag) * x.narrow(0, lag, x.size(0) - lag);
    EXPECT_LT(std::abs(product.mean().item<double>()) / .25, 4.5 / 1024) << lag;
  }
}

TEST(DrawBernoulli, SeedDecidesAndAnySplitDrawsTheSame) {
  const Tensor p = torch::rand({3, 5, 77});
  const auto drawn = [&] {
    torch::manual_seed(8);
    return draw_bernoulli(p);
  };
  EXPECT_TRUE(drawn().equal(drawn()));
  EXPECT_FALSE(drawn().equal(draw_bernoulli(p)));
  std::vector<float> whole(640), parts(640);
  const std::vector<float> probability(640, .5f);
  kernels::draw_bernoulli(probability.data(), whole.data(), 0, 640, 3);
  kernels::draw_bernoulli(probability.data(), parts.data(), 0, 128, 3);
  kernels::draw_bernoulli(probability.data() + 128, parts.data() + 128, 128, 512, 3);
  EXPECT_EQ(whole, parts);
}

}  // namespace figment
