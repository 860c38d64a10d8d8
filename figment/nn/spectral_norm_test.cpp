#include "figment/nn/spectral_norm.h"

#include <gmock/gmock.h>

namespace figment {
namespace {

double number(const Tensor& t) { return t.item<double>(); }

double largest_singular_value(const Tensor& weight) { return number(torch::linalg_svdvals(weight.flatten(1)).max()); }

}  // namespace

TEST(SpectralNorm, FindsTheSingularValueOfTheFixture) {
  const Tensor weight = torch::tensor({{1., 2.}, {3., 4.}}, torch::kDouble);
  Tensor u = torch::tensor({1., 0.}, torch::kDouble);
  for (const double sigma : {5.403702434, 5.464984451, 5.464985704})
    EXPECT_NEAR(number(weight[0][0] / spectrally_normalized(weight, u, true)[0][0]), sigma, 1e-8);
  const Tensor before = u.clone();
  spectrally_normalized(weight, u, false);
  EXPECT_TRUE(u.equal(before));
}

TEST(SpectralNorm, LayersHaveNormOneAfterSomePasses) {
  torch::manual_seed(0);
  SpectralConv2d conv(torch::nn::Conv2dOptions(3, 8, 4).stride(2), true);
  SpectralLinear linear(torch::nn::LinearOptions(12, 5), true);
  for (int i = 0; i < 100; ++i) {
    conv(torch::zeros({1, 3, 8, 8}));
    linear(torch::zeros({1, 12}));
  }
  conv->eval();
  linear->eval();
  const torch::NoGradGuard no_grad;
  const Tensor x = torch::randn({2, 3, 8, 8}), rows = torch::randn({4, 12});
  const Tensor kernel = conv->weight / largest_singular_value(conv->weight);
  EXPECT_TRUE(torch::allclose(conv(x), torch::conv2d(x, kernel, conv->bias, 2), 1e-3, 1e-4));
  const Tensor matrix = linear->weight / largest_singular_value(linear->weight);
  EXPECT_TRUE(torch::allclose(linear(rows), torch::linear(rows, matrix, linear->bias), 1e-3, 1e-4));
}

TEST(SpectralNorm, TwoPassesBeforeOneGradientAreLegal) {
  torch::manual_seed(0);
  SpectralConv2d conv(torch::nn::Conv2dOptions(1, 2, 3), true);
  const Tensor real = conv(torch::randn({2, 1, 5, 5})), generated = conv(torch::randn({2, 1, 5, 5}));
  (real.mean() - generated.mean()).backward();
  EXPECT_GT(number(conv->weight.grad().abs().sum()), 0);
}

TEST(SpectralNorm, TheGradientHasNoPartAlongTheWeight) {  // a longer weight gives the same layer
  torch::manual_seed(0);
  const Tensor weight = torch::randn({4, 6}, torch::kDouble).requires_grad_();
  Tensor u = torch::randn({4}, torch::kDouble);
  for (int i = 0; i < 200; ++i) spectrally_normalized(weight, u, true);
  const Tensor slope = torch::autograd::grad(
      {(spectrally_normalized(weight, u, false) * torch::randn({4, 6}, torch::kDouble)).sum()}, {weight})[0];
  EXPECT_NEAR(number((slope * weight).sum()), 0, 1e-10);
}

TEST(SpectralNorm, OffIsThePlainLayer) {
  SpectralConv2d conv(torch::nn::Conv2dOptions(1, 2, 3), false);
  EXPECT_TRUE(conv->named_buffers().is_empty());
  const Tensor x = torch::randn({2, 1, 5, 5});
  EXPECT_TRUE(conv(x).equal(torch::conv2d(x, conv->weight, conv->bias)));
}

}  // namespace figment
