#include "figment/nn/linear.h"

#include <gmock/gmock.h>

namespace figment {

TEST(Linear, IsAffineOfItsParameters) {
  Linear layer(100, 51);
  const Tensor x = torch::randn({37, 100});
  EXPECT_TRUE(layer(x).equal(affine(x, layer->weight, layer->bias)));
  Linear without(torch::nn::LinearOptions(100, 51).bias(false));
  EXPECT_TRUE(without(x).equal(affine(x, without->weight)));
  without(x).sum().backward();
  EXPECT_TRUE(without->weight.grad().defined());
}

}  // namespace figment
