#include "figment/tensor/shapes.h"

#include <gtest/gtest.h>

#include "figment/base/error.h"

namespace figment {
namespace {

std::string sentence(const Tensor& x, std::initializer_list<int64_t> extents) {
  try {
    expect_shape(x, extents, "VectorQuantizer::forward", "z");
    return "";
  } catch (const ShapeError& error) { return error.what(); }
}

TEST(Shapes, AnErrorNamesThePlaceTheRuleAndWhatCame) {
  EXPECT_EQ(sentence(torch::zeros({16, 32, 8, 8}), {-1, 64, -1, -1}),
            "VectorQuantizer::forward: z must be [*, 64, *, *], got [16, 32, 8, 8]");
  EXPECT_EQ(sentence(torch::zeros({2}), {-1, 3}), "VectorQuantizer::forward: z must be [*, 3], got [2]");
  EXPECT_EQ(sentence(Tensor(), {-1}), "VectorQuantizer::forward: z must be [*], got no tensor");
}

TEST(Shapes, MinusOneTakesAnyExtentAndOthersAreExact) {
  EXPECT_EQ(sentence(torch::zeros({0, 3}), {-1, 3}), "");
  EXPECT_EQ(sentence(torch::tensor(1.0), {}), "");
  EXPECT_NE(sentence(torch::zeros({1, 4}), {1, 3}), "");
}

}  // namespace
}  // namespace figment
