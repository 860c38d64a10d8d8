#include "figment/tensor/affine.h"

#include <gmock/gmock.h>

#include "figment/tensor/precision.h"

namespace figment {
namespace {

struct Operands {
  Tensor x, weight, bias;
};

Operands operands(torch::ScalarType type) {
  torch::manual_seed(0);
  const auto options = torch::dtype(type).requires_grad(true);
  return {torch::randn({37, 100}, options), torch::randn({51, 100}, options), torch::randn({51}, options)};
}

bool near(const Tensor& a, const Tensor& b) {
  return torch::allclose(a.to(torch::kDouble), b.to(torch::kDouble), 1e-4, 1e-4);
}

}  // namespace

TEST(Affine, IsTheProductInDouble) {
  const auto [x, weight, bias] = operands(torch::kFloat);
  const Tensor exact = x.to(torch::kDouble).mm(weight.to(torch::kDouble).t());
  EXPECT_TRUE(near(affine(x, weight), exact));
  EXPECT_TRUE(near(affine(x, weight, bias), exact + bias));
}

TEST(Affine, TakesAnotherWayThanTorch) {  // or a change of the engine has halved the speed in silence
#ifdef __x86_64__
  torch::manual_seed(0);
  const Tensor x = torch::randn({64, 300}), weight = torch::randn({70, 300}).requires_grad_();
  EXPECT_THAT(affine(x, weight).grad_fn()->name(), testing::HasSubstr("OneDnnLinear"));
#endif
}

TEST(Affine, ReadsViewsAsTheyLie) {
  torch::manual_seed(0);
  const Tensor x = torch::randn({100, 37}).t(), weight = torch::randn({51, 300}).narrow(1, 100, 100),
               same = torch::randn({1, 51}).expand({37, 51});
  EXPECT_TRUE(near(affine(x, weight), x.contiguous().mm(weight.contiguous().t())));
  EXPECT_TRUE(near(affine(same, weight.t()), same.contiguous().mm(weight.contiguous())));
}

TEST(Affine, HasTheGradientsOfTorchAndTheirGradients) {
  const auto [x, weight, bias] = operands(torch::kFloat);
  const auto gradients = [&](const Tensor& y) {
    auto first = torch::autograd::grad({y.tanh().square().sum()}, {x, weight, bias}, {}, true, /*create_graph=*/true);
    const Tensor penalty = first[0].square().sum() + first[1].pow(3).sum();
    for (const Tensor& second : torch::autograd::grad({penalty}, {x, weight, bias})) first.push_back(second);
    return first;
  };
  const auto ours = gradients(affine(x, weight, bias)), theirs = gradients(torch::linear(x, weight, bias));
  for (size_t i = 0; i < theirs.size(); ++i)
    EXPECT_LT((ours[i] - theirs[i]).norm().item<double>(), 1e-4 * theirs[i].norm().item<double>()) << i;
}

TEST(Affine, OtherTypesShapesAndAutocastAreTorchs) {
  const auto [x, weight, bias] = operands(torch::kDouble);
  EXPECT_TRUE(affine(x, weight, bias).equal(torch::linear(x, weight, bias)));
  EXPECT_EQ(affine(torch::randn({0, 100}), torch::randn({51, 100})).sizes(), (std::vector<int64_t>{0, 51}));
  EXPECT_EQ(affine(torch::randn({2, 3, 100}), torch::randn({51, 100})).sizes(), (std::vector<int64_t>{2, 3, 51}));
  const Autocast autocast(true, torch::kCPU);
  EXPECT_EQ(affine(torch::randn({2, 100}), torch::randn({51, 100})).scalar_type(), torch::kBFloat16);
}

}  // namespace figment
