#include "figment/objectives/gaussians.h"

#include <gmock/gmock.h>

#include <cmath>

#include "figment/objectives/likelihoods.h"

namespace figment {
namespace {

const auto kDouble = torch::dtype(torch::kDouble);

double number(const Tensor& t) { return t.item<double>(); }

}  // namespace

TEST(GaussianKl, HasTheClosedFormsValue) {
  EXPECT_NEAR(number(gaussian_kl(torch::tensor({{.5, -1.}}, kDouble), torch::tensor({{-.5, .2}}, kDouble))),
              0.6889667089, 1e-10);
}

TEST(GaussianKl, AgreesWithMonteCarlo) {
  torch::manual_seed(3);
  const int64_t n = 1000000;
  const Tensor mean = torch::tensor({{.5, -1.}}, kDouble).expand({n, 2}),
               log_var = torch::tensor({{-.5, .2}}, kDouble).expand({n, 2});
  const Tensor z = mean + (log_var / 2).exp() * torch::randn_like(mean);
  const Tensor ratio = gaussian_log_density(z, mean, log_var) - standard_normal_log_density(z);
  EXPECT_NEAR(number(ratio.mean()), 0.6889667089, 3 * number(ratio.std()) / std::sqrt(double(n)));
}

TEST(GaussianKl, IsZeroOnlyAtThePrior) {
  EXPECT_EQ(number(gaussian_kl(torch::zeros({1, 4}), torch::zeros({1, 4}))), 0);
  EXPECT_GT(gaussian_kl(torch::randn({50, 4}), torch::randn({50, 4})).min().item<double>(), 0);
}

TEST(GaussianLogDensity, IntegratesToOne) {
  const Tensor z = torch::linspace(-12, 12, 24001, kDouble).unsqueeze(1);
  const Tensor density = gaussian_log_density(z, torch::full_like(z, 1.5), torch::full_like(z, 0.8)).exp();
  EXPECT_NEAR(number(density.sum()) * 1e-3, 1, 1e-10);
}

TEST(FreeBits, CostAndGradientAreFlatBelowTheAllowance) {
  const auto at = [](double kl) { return torch::tensor({{kl - .1, .9}, {kl + .1, 1.1}}, kDouble).requires_grad_(); };
  const Tensor low = at(.2), lower = at(.1);
  const Tensor loss = free_bits(low, .5);
  EXPECT_NEAR(number(loss), .5 + 1, 1e-12);
  EXPECT_EQ(number(loss), number(free_bits(lower, .5)));
  loss.backward();
  EXPECT_TRUE(low.grad().equal(torch::tensor({{0., .5}, {0., .5}}, kDouble)));
}

TEST(FreeBits, MaximumIsTakenOfTheMeanOverTheBatch) {
  EXPECT_NEAR(number(free_bits(torch::tensor({{.2}, {1.2}}, kDouble), .5)), .7, 1e-12);
}

TEST(FreeBits, OfNothingAreTheKl) {
  const Tensor kl = torch::rand({6, 3}, kDouble);
  EXPECT_NEAR(number(free_bits(kl, 0)), number(kl.sum(1).mean()), 1e-12);
}

/// The part that needs no network: with the exact posterior, covariance and all, p(x|z) p(z) / q(z|x) is p(x) for
/// every z. What needs one is in models/vae/vae_test.cpp.
TEST(GaussianLogDensity, ExactPosteriorGivesTheEvidenceAtEveryCode) {
  const Tensor w = torch::tensor({{1., .5}, {-.3, .8}, {.2, -1.}}, kDouble), b = torch::tensor({.1, -.2, .3}, kDouble);
  const Tensor x = torch::tensor({.7, -.4, 1.1}, kDouble), eye = torch::eye(2, kDouble);
  const Tensor precision = eye + w.t().mm(w) / .25, covariance = precision.inverse();
  const Tensor mean = covariance.mm(w.t()).mv(x - b) / .25;
  EXPECT_TRUE(torch::allclose(mean, torch::tensor({.608353675, -.325467860}, kDouble), 0, 1e-8));
  EXPECT_TRUE(torch::allclose(covariance,
                              torch::tensor({{.181380526, -.005085435}, {-.005085435, .116965012}}, kDouble), 0, 1e-8));

  torch::manual_seed(0);
  const Tensor z = 3 * torch::randn({20, 2}, kDouble), off = z - mean;
  const Tensor log_q = -(off.mm(precision) * off).sum(1) / 2 - std::log(2 * M_PI) + precision.logdet() / 2;
  const Tensor reconstruction = gaussian_nats(z.mm(w.t()) + b, torch::tensor(std::log(.5), kDouble), x.expand({20, 3}));
  const Tensor log_weight = standard_normal_log_density(z) - reconstruction - log_q;
  EXPECT_TRUE(torch::allclose(log_weight, torch::full({20}, -3.257185600636, kDouble), 0, 1e-10));
}

}  // namespace figment
