#include "figment/models/pixel_cnn/gate.h"

#include <gmock/gmock.h>

namespace figment::pixel_cnn {
namespace {

Tensor formula(const Tensor& x) {
  const auto half = x.chunk(2, 1);
  return torch::tanh(half[0]) * torch::sigmoid(half[1]);
}

std::vector<Tensor> inputs(torch::ScalarType type) {
  torch::manual_seed(0);
  std::vector<Tensor> all;
  for (const auto format : {torch::MemoryFormat::Contiguous, torch::MemoryFormat::ChannelsLast})
    all.push_back((4 * torch::randn({3, 14, 5, 7}, type)).contiguous(format).requires_grad_());
  all.push_back((4 * torch::randn({3, 28, 5, 7}, type)).narrow(1, 7, 14).detach().requires_grad_());  // a view
  return all;
}

double distance(const Tensor& a, const Tensor& b) {
  return (a.to(torch::kDouble) - b.to(torch::kDouble)).abs().max().item<double>();
}

class Gate : public testing::TestWithParam<std::pair<torch::ScalarType, double>> {};

}  // namespace

TEST_P(Gate, IsTheFormulaWithItsGradient) {
  const auto [type, tolerance] = GetParam();
  for (const Tensor& x : inputs(type)) {
    const Tensor exact = x.detach().to(torch::kDouble).requires_grad_(), y = gate(x), expected = formula(exact);
    EXPECT_EQ(y.scalar_type(), type);
    EXPECT_EQ(y.suggest_memory_format(), x.suggest_memory_format());
    EXPECT_LT(distance(y, expected), tolerance);
    const Tensor slope = torch::randn_like(y);
    EXPECT_LT(distance(torch::autograd::grad({y}, {x}, {slope})[0],
                       torch::autograd::grad({expected}, {exact}, {slope.to(torch::kDouble)})[0]),
              4 * tolerance);
  }
}
INSTANTIATE_TEST_SUITE_P(Types, Gate,
                         testing::Values(std::pair(torch::kFloat, 5e-7), std::pair(torch::kBFloat16, 4e-3)));

TEST(GateParts, OfManyThreadsAreThoseOfOne) {
  torch::manual_seed(0);
  const Tensor x = torch::randn({40, 16, 20, 21}).contiguous(torch::MemoryFormat::ChannelsLast).requires_grad_();
  const int threads = at::get_num_threads();
  const auto both = [&](int count) {
    at::set_num_threads(count);
    const Tensor y = gate(x);
    return std::vector{y, torch::autograd::grad({y.square().sum()}, {x})[0]};
  };
  const auto alone = both(1), together = both(3);
  at::set_num_threads(threads);
  for (size_t i = 0; i < alone.size(); ++i) EXPECT_TRUE(alone[i].equal(together[i]));
}

TEST(GateTwice, HasAGradientOfItsGradient) {
  for (const Tensor& x : inputs(torch::kFloat)) {
    const auto second = [&](const Tensor& y) {
      const Tensor first = torch::autograd::grad({y.sum()}, {x}, {}, true, /*create_graph=*/true)[0];
      return torch::autograd::grad({first.square().sum()}, {x})[0];
    };
    EXPECT_LT(distance(second(gate(x)), second(formula(x))), 1e-5);
  }
}

}  // namespace figment::pixel_cnn
