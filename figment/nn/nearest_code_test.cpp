#include "figment/nn/nearest_code.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"

namespace figment {
namespace {

/// Every distance in double; the first of the smallest.
Tensor brute_force(const Tensor& z, const Tensor& codebook) {
  const Tensor difference = z.to(torch::kDouble).unsqueeze(1) - codebook.to(torch::kDouble).unsqueeze(0);  // [M,K,D]
  return std::get<1>(difference.square().sum(2).min(1));
}

struct Case {
  int64_t vectors, codes, size;
};
class NearestCode : public testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Sizes, NearestCode,
                         testing::Values(Case{1000, 1, 2}, Case{1000, 2, 2}, Case{1000, 512, 2}, Case{1000, 2, 8},
                                         Case{1000, 513, 8}, Case{1000, 512, 64}, Case{37, 1001, 3}, Case{1, 5, 1}));

TEST_P(NearestCode, EqualsBruteForce) {
  torch::manual_seed(3);
  const auto [m, k, d] = GetParam();
  const Tensor z = torch::randn({m, d}), codebook = torch::randn({k, d});
  EXPECT_TRUE(nearest_code(z, codebook).equal(brute_force(z, codebook)));
}

/// The usual expansion in fp32 fails this: far from the origin it loses the digits in which the distances differ.
TEST(NearestCode, IsExactWhereRoundingHidesTheDifference) {
  torch::manual_seed(4);
  const Tensor codebook = 300 + torch::randn({64, 16}) * 1e-2, z = 300 + torch::randn({500, 16}) * 1e-2;
  const Tensor usual = (codebook.square().sum(1) / 2 - z.mm(codebook.t())).argmin(1);
  ASSERT_FALSE(usual.equal(brute_force(z, codebook)));
  EXPECT_TRUE(nearest_code(z, codebook).equal(brute_force(z, codebook)));
}

TEST(NearestCode, TiesGoToTheLowestIndex) {
  const Tensor codebook = torch::tensor({{1.f, 0.f}, {0.f, 1.f}, {-1.f, 0.f}, {0.f, -1.f}}).repeat({40, 1});
  const Tensor z = torch::tensor({{0.f, 0.f}, {1.f, 1.f}, {-1.f, 1.f}, {0.f, -2.f}, {-1.f, -1.f}});
  EXPECT_TRUE(nearest_code(z, codebook).equal(torch::tensor({0, 0, 1, 3, 2}, torch::kLong)));
}

TEST(NearestCode, DependsOnTheVectorAlone) {
  torch::manual_seed(5);
  const Tensor z = torch::randn({3001, 24}), codebook = torch::randn({700, 24});
  const Tensor whole = nearest_code(z, codebook);
  for (const int64_t part : {1, 7, 1500}) {  // of 1: some
    std::vector<Tensor> codes;
    for (const Tensor& rows : z.narrow(0, 0, part == 1 ? 50 : 3001).split(part))
      codes.push_back(nearest_code(rows, codebook));
    const Tensor together = torch::cat(codes);
    EXPECT_TRUE(together.equal(whole.narrow(0, 0, together.size(0)))) << part;
  }
  const int threads = at::get_num_threads();
  at::set_num_threads(2);
  EXPECT_TRUE(nearest_code(z, codebook).equal(whole));
  at::set_num_threads(threads);
}

TEST(NearestCode, TakesOtherPrecisionsAndNoVectors) {
  torch::manual_seed(6);
  const Tensor z = torch::randn({200, 8}).to(torch::kBFloat16), codebook = torch::randn({30, 8});
  EXPECT_TRUE(nearest_code(z, codebook).equal(brute_force(z, codebook)));
  EXPECT_EQ(nearest_code(torch::zeros({0, 8}), codebook).numel(), 0);
}

TEST(NearestCode, SaysWhatDoesNotFit) {
  EXPECT_THROW(nearest_code(torch::zeros({4, 3}), torch::zeros({5, 2})), ShapeError);
  EXPECT_THROW(nearest_code(torch::zeros({4, 3}), torch::zeros({0, 3})), ShapeError);
}

TEST(NearestCode, NoNumberIsNoCrash) {
  const Tensor code = nearest_code(torch::full({2, 3}, NAN), torch::randn({40, 3}));
  EXPECT_TRUE(code.ge(0).logical_and(code.lt(40)).all().item<bool>());
}

}  // namespace
}  // namespace figment
