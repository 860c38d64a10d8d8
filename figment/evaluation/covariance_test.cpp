#include "figment/evaluation/covariance.h"

#include <gmock/gmock.h>

namespace figment {

using torch::Tensor;

TEST(Covariance, IsTorchs) {
  torch::manual_seed(0);
  for (const auto& [rows, features] : {std::pair(2, 1), {50, 7}, {300, 24}, {700, 100}}) {
    const Tensor x = torch::randn({rows, features}) * 3 + 50, exact = x.to(torch::kDouble);
    const Gaussian found = gaussian_of(x);
    EXPECT_TRUE(torch::allclose(found.mean, exact.mean(0), 1e-12, 1e-12)) << rows;
    EXPECT_TRUE(torch::allclose(found.covariance, torch::cov(exact.t()).view({features, features}), 1e-10, 1e-10))
        << rows;
    EXPECT_TRUE(found.covariance.equal(found.covariance.t())) << rows;
    EXPECT_TRUE(torch::allclose(gram_of(x), exact.t().mm(exact), 1e-12, 1e-12)) << rows;
  }
}

TEST(Covariance, ReadsViewsAndOtherTypes) {
  torch::manual_seed(0);
  const Tensor x = torch::randn({30, 40}, torch::kDouble).t(), half = x.to(torch::kBFloat16);
  EXPECT_TRUE(torch::allclose(gram_of(x), x.t().mm(x), 1e-12, 1e-12));
  EXPECT_TRUE(torch::allclose(gram_of(half), half.to(torch::kDouble).t().mm(half.to(torch::kDouble)), 1e-12, 1e-12));
}

}  // namespace figment
