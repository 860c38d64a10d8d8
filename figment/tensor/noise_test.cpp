#include "figment/tensor/noise.h"

#include <gtest/gtest.h>

#include <numeric>

namespace figment {
namespace {

TEST(SeededNormal, ARowDependsOnItsSeedAlone) {
  const std::vector<int64_t> many{3, 17, 5, 17, -1}, one{17};
  const Tensor rows = seeded_normal(many, 40, "z"), row = seeded_normal(one, 40, "z");
  EXPECT_TRUE(rows[1].equal(row[0]));
  EXPECT_TRUE(rows[3].equal(row[0]));
  EXPECT_FALSE(rows[0].equal(row[0]));
}

TEST(SeededNormal, AShorterRowIsTheBeginningOfALongerOne) {
  const std::vector<int64_t> seeds{1, 2};
  const Tensor longest = seeded_normal(seeds, 33, "z");
  for (const int64_t size : {0, 1, 2, 15, 16, 32})
    EXPECT_TRUE(seeded_normal(seeds, size, "z").equal(longest.narrow(1, 0, size))) << size;
}

TEST(SeededNormal, PurposesShareNothing) {
  std::vector<int64_t> seeds(64);
  std::iota(seeds.begin(), seeds.end(), 0);
  const Tensor a = seeded_normal(seeds, 256, "z"), b = seeded_normal(seeds, 256, "codes");
  const double correlation = (a * b).mean().item<double>();  // 16,384 products: standard error 0.0078
  EXPECT_LT(std::abs(correlation), 0.04);
}

TEST(SeededNormal, IsStandardNormal) {
  std::vector<int64_t> seeds(2000);
  std::iota(seeds.begin(), seeds.end(), 0);
  const Tensor x = seeded_normal(seeds, 500, "z").to(torch::kDouble);  // 10^6 numbers
  EXPECT_NEAR(x.mean().item<double>(), 0, 0.005);
  EXPECT_NEAR(x.square().mean().item<double>(), 1, 0.008);
  EXPECT_NEAR(x.pow(4).mean().item<double>(), 3, 0.06);
  EXPECT_NEAR((x < 1).to(torch::kDouble).mean().item<double>(), 0.841345, 0.002);
  EXPECT_NEAR((x.narrow(1, 0, 499) * x.narrow(1, 1, 499)).mean().item<double>(), 0, 0.005);    // neighbours in a row
  EXPECT_NEAR((x.narrow(0, 0, 1999) * x.narrow(0, 1, 1999)).mean().item<double>(), 0, 0.005);  // neighbouring seeds
}

TEST(SeededNormal, SeedsThatShareTheirLower32BitsDiffer) {
  const std::vector<int64_t> seeds{1, 1 + (int64_t(1) << 32)};
  const Tensor rows = seeded_normal(seeds, 8, "z");
  EXPECT_FALSE(rows[0].equal(rows[1]));
}

TEST(SeededNormal, StaysTheSameFromVersionToVersion) {
  const std::vector<int64_t> seeds{42};
  const Tensor row = seeded_normal(seeds, 4, "z")[0];
  const std::vector<float> expected{0.6786268f, 0.7487495f, 1.5804036f, -1.8990949f};
  EXPECT_TRUE(row.allclose(torch::tensor(expected), 0, 1e-6)) << row;
}

TEST(SeededUniform, IsEvenOverZeroToOneAndDependsOnItsSeedAlone) {
  std::vector<int64_t> seeds(1000);
  std::iota(seeds.begin(), seeds.end(), 0);
  const Tensor u = seeded_uniform(seeds, 1000, "symbols");  // 10^6 numbers
  EXPECT_EQ(u.scalar_type(), torch::kDouble);
  EXPECT_GE(u.min().item<double>(), 0);
  EXPECT_LT(u.max().item<double>(), 1);
  const Tensor tenths = torch::bincount((u * 10).floor().to(torch::kLong).flatten(), {}, 10);
  EXPECT_LT((tenths - 100000).abs().max().item<int64_t>(), 1500);  // standard deviation 300
  const std::vector<int64_t> one{7};
  EXPECT_TRUE(seeded_uniform(one, 10, "symbols")[0].equal(u[7].narrow(0, 0, 10)));
  EXPECT_FALSE(seeded_uniform(one, 10, "other")[0].equal(u[7].narrow(0, 0, 10)));
}

TEST(SeededScope, LeavesNoTraceAndRepeats) {
  torch::manual_seed(5);
  const Tensor undisturbed = torch::randn({20});
  torch::manual_seed(5);
  Tensor first, second;
  {
    const SeededScope scope(9);
    first = torch::randn({7});
  }
  {
    const SeededScope scope(9);
    second = torch::randn({7});
    const SeededScope inner(9);
    EXPECT_TRUE(torch::randn({7}).equal(first));
  }
  EXPECT_TRUE(first.equal(second));
  EXPECT_TRUE(torch::randn({20}).equal(undisturbed));
}

TEST(SeededScope, PutsTheGeneratorsBackWhenSomethingIsThrown) {
  torch::manual_seed(5);
  const Tensor undisturbed = torch::randn({20});
  torch::manual_seed(5);
  try {
    const SeededScope scope(9);
    torch::randn({3});
    throw std::runtime_error("cancelled");
  } catch (const std::runtime_error&) {}
  EXPECT_TRUE(torch::randn({20}).equal(undisturbed));
}

TEST(SeededScope, CoversEveryCudaDevice) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
  const auto options = torch::TensorOptions().device(torch::kCUDA);
  torch::manual_seed(5);
  const Tensor undisturbed = torch::randn({20}, options);
  torch::manual_seed(5);
  {
    const SeededScope scope(9);
    torch::randn({7}, options);
  }
  EXPECT_TRUE(torch::randn({20}, options).equal(undisturbed));
}

}  // namespace
}  // namespace figment
