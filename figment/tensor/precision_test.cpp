#include "figment/tensor/precision.h"

#include <ATen/autocast_mode.h>
#include <gtest/gtest.h>

namespace figment {
namespace {

torch::ScalarType product_type() { return torch::mm(torch::ones({2, 2}), torch::ones({2, 2})).scalar_type(); }

TEST(Precision, AutocastMultipliesInBf16AndEndsWithItsScope) {
  EXPECT_EQ(product_type(), torch::kFloat);
  {
    const Autocast autocast(true, torch::kCPU);
    EXPECT_EQ(product_type(), torch::kBFloat16);
  }
  EXPECT_EQ(product_type(), torch::kFloat);
}

TEST(Precision, AutocastThatIsOffChangesNothing) {
  const Autocast outer(true, torch::kCPU);
  const Autocast off(false, torch::kCPU);
  EXPECT_EQ(product_type(), torch::kBFloat16);
}

TEST(Precision, ScopesNestAndPutBackWhatTheyFound) {
  at::autocast::set_autocast_dtype(at::kCPU, at::kHalf);
  {
    const Autocast autocast(true, torch::kCPU);
    {
      const FullPrecision full(torch::kCPU);
      EXPECT_EQ(product_type(), torch::kFloat);
      {
        const Autocast inner(true, torch::kCPU);
        EXPECT_EQ(product_type(), torch::kBFloat16);
      }
      EXPECT_EQ(product_type(), torch::kFloat);
    }
    EXPECT_EQ(product_type(), torch::kBFloat16);
  }
  EXPECT_EQ(product_type(), torch::kFloat);
  EXPECT_EQ(at::autocast::get_autocast_dtype(at::kCPU), at::kHalf);
  at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
}

TEST(Precision, AWeightChangedBetweenScopesIsSeen) {
  torch::Tensor weight = torch::ones({2, 2}).requires_grad_();
  const auto first = [&] {
    const Autocast autocast(true, torch::kCPU);
    return torch::mm(torch::ones({2, 2}), weight)[0][0].item<float>();
  };
  EXPECT_EQ(first(), 2);
  {
    const torch::NoGradGuard no_grad;
    weight.fill_(3);
  }
  EXPECT_EQ(first(), 6);
}

TEST(Precision, GradientsOfAnAutocastPassAreFp32) {
  torch::Tensor weight = torch::ones({2, 2}).requires_grad_();
  {
    const Autocast autocast(true, torch::kCPU);
    torch::mm(torch::ones({2, 2}), weight).sum().backward();
  }
  EXPECT_EQ(weight.grad().scalar_type(), torch::kFloat);
}

}  // namespace
}  // namespace figment
