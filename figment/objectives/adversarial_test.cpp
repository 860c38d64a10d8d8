#include "figment/objectives/adversarial.h"

#include <gmock/gmock.h>

#include <cmath>

#include "figment/base/error.h"

namespace figment {
namespace {

double number(const Tensor& t) { return t.item<double>(); }

Tensor row(std::initializer_list<double> values) { return torch::tensor(std::vector<double>(values), torch::kDouble); }

struct Values {
  AdversarialLoss loss;
  double discriminator, generator;
};

class Adversarial : public testing::TestWithParam<Values> {};

/// D(x) = a x + b / 2 |x|^2 of rows of three numbers: its slope is a + b x.
Tensor quadratic(const Tensor& x) { return x.mv(row({1, -2, 3})) + 0.25 * x.square().sum(1); }

/// A generator that is a point theta, a discriminator psi x, data at 0; one number each.
struct DiracGan {
  Tensor theta = torch::ones({1, 1}, torch::kDouble).requires_grad_();
  Tensor psi = torch::ones({1, 1}, torch::kDouble).requires_grad_();
  AdversarialLoss loss = AdversarialLoss::kNonSaturating;
  double gamma = 0;

  Tensor output(const Tensor& x) const { return x.mm(psi); }
  Tensor slope_of_psi() const {
    const Tensor x = torch::zeros({1, 1}, torch::kDouble).requires_grad_(), real = output(x);
    const Tensor total = discriminator_loss(loss, real, output(theta.detach())) + gamma / 2 * squared_gradient(real, x);
    return torch::autograd::grad({total}, {psi})[0];
  }
  Tensor slope_of_theta() const { return torch::autograd::grad({generator_loss(loss, output(theta))}, {theta})[0]; }
  static void step(Tensor& p, const Tensor& slope) {
    const torch::NoGradGuard no_grad;
    p -= 0.1 * slope;
  }
  double radius() const { return std::hypot(number(theta), number(psi)); }
};

double radius_after(int steps, DiracGan gan, bool alternating) {
  for (int i = 0; i < steps; ++i) {
    if (alternating) {
      DiracGan::step(gan.psi, gan.slope_of_psi());
      DiracGan::step(gan.theta, gan.slope_of_theta());
    } else {
      const Tensor of_psi = gan.slope_of_psi(), of_theta = gan.slope_of_theta();
      DiracGan::step(gan.psi, of_psi);
      DiracGan::step(gan.theta, of_theta);
    }
  }
  return gan.radius();
}

}  // namespace

TEST_P(Adversarial, IsItsFormula) {
  const Tensor real = row({0.5, 2}), generated = row({-2, 0.3});
  const auto& [loss, discriminator, generator] = GetParam();
  EXPECT_NEAR(number(discriminator_loss(loss, real, generated)), discriminator, 1e-12);
  EXPECT_NEAR(number(generator_loss(loss, generated, real)), generator, 1e-12);
}
INSTANTIATE_TEST_SUITE_P(
    Losses, Adversarial,
    testing::Values(Values{AdversarialLoss::kMinimax, 0.7911441253672894, -0.4906416277557498},
                    Values{AdversarialLoss::kNonSaturating, 0.7911441253672894, 1.3406416277557498},
                    Values{AdversarialLoss::kLeastSquares, 1.335, 2.3725}, Values{AdversarialLoss::kHinge, 0.9, 0.85},
                    Values{AdversarialLoss::kWasserstein, -2.1, 0.85},
                    Values{AdversarialLoss::kRelativistic, 0.12333788183940778, 2.2233378818394076}));

TEST(AdversarialLosses, MinimaxIsFlatWhereTheDiscriminatorIsSureAndNonSaturatingIsSteep) {
  const auto slope = [](AdversarialLoss loss) {
    const Tensor f = row({-20}).requires_grad_();
    return number(torch::autograd::grad({generator_loss(loss, f)}, {f})[0]);
  };
  EXPECT_NEAR(slope(AdversarialLoss::kMinimax), 0, 1e-8);
  EXPECT_NEAR(slope(AdversarialLoss::kNonSaturating), -1, 1e-8);
}

TEST(AdversarialLosses, TheBestDiscriminatorIsTheRatioOfDensitiesAndItsValueIsAJensenShannonDivergence) {
  const Tensor p = row({0.5, 0.3, 0.2}), g = row({0.1, 0.3, 0.6});  // of three outcomes
  const auto value = [&](const Tensor& logit) {
    return (p * torch::nn::functional::softplus(-logit)).sum() + (g * torch::nn::functional::softplus(logit)).sum();
  };
  const Tensor best = (p / g).log();  // sigmoid: p / (p + g)
  const Tensor middle = (p + g) / 2;
  const double js = number((p * (p / middle).log()).sum() + (g * (g / middle).log()).sum()) / 2;
  EXPECT_NEAR(number(value(best)), std::log(4) - 2 * js, 1e-12);
  for (const double off : {-0.1, 0.1}) EXPECT_GT(number(value(best + off)), number(value(best)));
}

TEST(AdversarialLosses, PairsMustMatch) {
  EXPECT_THROW(discriminator_loss(AdversarialLoss::kRelativistic, row({1, 2}), row({1})), ShapeError);
}

TEST(GradientPenalty, IsTheFixture) {
  const Tensor x = torch::stack({row({1, 0, 2}), row({0, -1, 1})}).requires_grad_();
  EXPECT_NEAR(10. / 2 * number(squared_gradient(quadratic(x), x)), 104.375, 1e-10);
  const Tensor slope = torch::stack({row({1.5, -2, 4}), row({1, -2.5, 3.5})});
  EXPECT_NEAR(10 * number(distance_from_unit_slope(slope)), 127.42129000807775, 1e-8);
}

TEST(GradientPenalty, LooksBetweenEachRealImageAndItsOwnGeneratedOne) {
  torch::manual_seed(0);
  const Tensor real = torch::zeros({100, 2, 3}),
               generated = torch::arange(1, 101, torch::kFloat).view({100, 1, 1}).expand({100, 2, 3});
  Tensor seen;
  interpolation_penalty([&](const Tensor& x) { return seen = x, x.flatten(1).sum(1); }, real, generated);
  const Tensor share = (seen / generated).flatten(1);
  EXPECT_LT(number((share - share.narrow(1, 0, 1)).abs().max()), 1e-6) << "a share for each image, not for each number";
  EXPECT_GT(number(share.select(1, 0).std()), 0.2) << "images have shares of their own";
  EXPECT_TRUE(((share >= 0) & (share <= 1)).all().item<bool>());
}

TEST(GradientPenalty, HasTheGradientOfDifferences) {
  torch::manual_seed(0);
  const auto options = torch::dtype(torch::kDouble);
  const Tensor weight = torch::randn({4, 3}, options).requires_grad_(), x = torch::randn({5, 3}, options);
  const auto penalty = [&](const Tensor& w) {
    const Tensor at = x.clone().requires_grad_();
    return squared_gradient(at.mm(w.t()).tanh().sum(1), at);
  };
  const Tensor slope = torch::autograd::grad({penalty(weight)}, {weight})[0];
  Tensor nudge = torch::zeros({4, 3}, options);
  nudge[2][1] = 1e-5;
  const double difference = number(penalty((weight + nudge).detach()) - penalty((weight - nudge).detach())) / 2e-5;
  EXPECT_NEAR(number(slope[2][1]), difference, 1e-8);
}

TEST(DiracGan, SpiralsInAsItsPenaltySays) {
  const auto after = [](double gamma, bool alternating) { return radius_after(500, {.gamma = gamma}, alternating); };
  EXPECT_NEAR(after(0, true), 0.3901871913, 1e-9);
  EXPECT_NEAR(after(0, false), 0.5211083313, 1e-9);
  EXPECT_NEAR(after(0.1, true), 0.0600791118, 1e-9);
  EXPECT_NEAR(after(0.1, false), 0.1003183426, 1e-9);
  EXPECT_LT(after(1, true), 1e-8);
  EXPECT_LT(after(1, false), 1e-8);
}

TEST(DiracGan, WassersteinWithoutAPenaltySpiralsOut) {
  const DiracGan gan{.loss = AdversarialLoss::kWasserstein};
  EXPECT_NEAR(radius_after(10, gan, false), std::sqrt(2) * std::pow(1.01, 5), 1e-9);
}

}  // namespace figment
