#include "figment/evaluation/sharpness.h"

#include <gtest/gtest.h>

#include <cmath>

namespace figment {
namespace {

double number(const Tensor& t) { return t.item<double>(); }

TEST(Sharpness, IsTheVarianceOfTheLaplacian) {
  Tensor one = torch::full({1, 1, 5, 5}, -1.);
  one[0][0][2][2] = 1;  // 1 on [0,1]
  Tensor laplacian = torch::zeros({9}, torch::kDouble);
  laplacian[4] = -4;
  for (const int64_t side : {1, 3, 5, 7}) laplacian[side] = 1;
  EXPECT_NEAR(number(sharpness(one)[0]), number(laplacian.var()), 1e-6);
  EXPECT_EQ(number(sharpness(torch::ones({1, 3, 5, 5})).max()), 0);
}

TEST(Blurred, SpreadsAPointAsAGaussianAndKeepsWhatIsEven) {
  Tensor point = torch::zeros({1, 1, 11, 11});
  point[0][0][5][5] = 1;
  const Tensor spread = blurred(point, 0.5)[0][0];
  EXPECT_NEAR(number(spread.sum()), 1, 1e-5);
  EXPECT_NEAR(number(spread[5][6] / spread[5][5]), std::exp(-2.), 1e-4);
  EXPECT_NEAR(number(spread[4][6] / spread[5][5]), std::exp(-4.), 1e-4);
  const Tensor even = torch::full({2, 3, 6, 7}, 0.3);
  EXPECT_TRUE(torch::allclose(blurred(even, 0.5), even, 1e-5, 1e-6));
}

}  // namespace
}  // namespace figment
