#include "figment/nn/dense.h"

#include <gmock/gmock.h>

namespace figment {

TEST(DenseTrunk, GatedLayerIsValueTimesSigmoidOfGate) {
  torch::manual_seed(0);
  DenseTrunk trunk(3, std::vector<int64_t>{2}, DenseKind::kGated);
  const Tensor weight = trunk->parameters()[0], bias = trunk->parameters()[1], x = torch::randn({5, 3});
  const Tensor value = x.mm(weight.slice(0, 0, 2).t()) + bias.slice(0, 0, 2);
  const Tensor gate = x.mm(weight.slice(0, 2, 4).t()) + bias.slice(0, 2, 4);
  EXPECT_TRUE(torch::allclose(trunk(x), value * gate.sigmoid(), 1e-6, 1e-6));
}

TEST(DenseTrunk, WidthsFollowTheList) {
  DenseTrunk trunk(7, std::vector<int64_t>{5, 4}, DenseKind::kPlain);
  EXPECT_EQ(trunk->features(), 4);
  EXPECT_EQ(trunk(torch::randn({2, 7})).sizes(), (std::vector<int64_t>{2, 4}));
  EXPECT_GE(trunk(torch::randn({2, 7})).min().item<float>(), 0);
}

TEST(DenseTrunk, WithoutLayersIsTheInput) {
  DenseTrunk trunk(7, std::vector<int64_t>{}, DenseKind::kPlain);
  const Tensor x = torch::randn({2, 7});
  EXPECT_TRUE(trunk(x).equal(x));
  EXPECT_EQ(trunk->features(), 7);
}

}  // namespace figment
