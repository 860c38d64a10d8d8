#include "figment/evaluation/covariance.h"

#include <gmock/gmock.h>

namespace figment {

using torch::Tensor;

TEST(Covariance, IsTorchs) {
  torch::manual_seed(0);
  for (const auto& [rows, features] : {std::pair(2, 1), {50, 7}, {300, 24}, {700, 100}, {20, 600}})
    for (const auto type : {torch::kFloat, torch::kDouble}) {
      const Tensor x = torch::randn({rows, features}, type) * 3 + 50, exact = x.to(torch::kDouble);
      const bool full = type == torch::kDouble || rows <= 2 * features;
      const Gaussian found = gaussian_of(x);
      EXPECT_TRUE(torch::allclose(found.mean, exact.mean(0), 1e-12, 1e-12)) << rows;
      const Tensor theirs = torch::cov(exact.t()).view({features, features});
      EXPECT_LT((found.covariance - theirs).abs().max().item<double>(), 9 * (full ? 1e-12 : 1e-6)) << rows;
      EXPECT_TRUE(found.covariance.equal(found.covariance.t())) << rows;
    }
}

TEST(Covariance, OfFewImagesHasEigenvaluesOfZero) {
  torch::manual_seed(0);
  const Tensor values = torch::linalg_eigvalsh(gaussian_of(torch::randn({20, 100})).covariance);
  EXPECT_EQ((values > 1e-10).sum().item<int64_t>(), 19);
  EXPECT_LT(values.narrow(0, 0, 81).abs().max().item<double>(), 1e-13);
}

TEST(Covariance, CongruenceIsTheProductOfThree) {
  torch::manual_seed(0);
  for (const int64_t size : {1, 7, 48, 49, 700}) {
    const Tensor x = torch::randn({size, size}, torch::kDouble), s = x + x.t();
    const Tensor lower = torch::randn({size, size}, torch::kDouble).tril(), found = congruence_of(s, lower);
    EXPECT_TRUE(torch::allclose(found, lower.t().mm(s).mm(lower), 1e-9, 1e-9)) << size;
    EXPECT_TRUE(found.equal(found.t())) << size;
  }
}

TEST(Covariance, ReadsViewsAndOtherTypes) {
  torch::manual_seed(0);
  const Tensor x = torch::randn({30, 40}, torch::kDouble).t(), half = x.to(torch::kBFloat16);
  EXPECT_TRUE(torch::allclose(gaussian_of(x).covariance, gaussian_of(x.contiguous()).covariance, 1e-12, 1e-12));
  EXPECT_TRUE(
      torch::allclose(gaussian_of(half).covariance, gaussian_of(half.to(torch::kDouble)).covariance, 1e-12, 1e-12));
}

}  // namespace figment
