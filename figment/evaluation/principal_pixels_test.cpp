#include "figment/evaluation/principal_pixels.h"

#include <gtest/gtest.h>

#include "figment/base/error.h"

namespace figment {
namespace {

/// Which part of the space directions span, whatever their signs and order.
Tensor span_of(const Tensor& directions) { return directions.mm(directions.t()); }

}  // namespace

TEST(PrincipalComponents, AreThoseOfASingularValueDecompositionWhateverTheBatches) {
  torch::manual_seed(0);
  const Tensor x = torch::randn({300, 9}, torch::kDouble).mm(torch::randn({9, 9}, torch::kDouble)) + 5;
  const Tensor expected = std::get<2>(torch::linalg_svd(x - x.mean(0), false)).narrow(0, 0, 4).t();
  for (const int64_t batch : {300, 128, 7}) {
    PrincipalComponents components;
    for (const Tensor& rows : x.split(batch)) components.add(rows);
    EXPECT_TRUE(torch::allclose(span_of(components.directions(4)), span_of(expected), 1e-9, 1e-9)) << batch;
    EXPECT_EQ(components.directions(64).sizes(), torch::IntArrayRef({9, 9})) << "no more than there are";
  }
  PrincipalComponents one;
  one.add(x.narrow(0, 0, 1));
  EXPECT_THROW(one.directions(4), ShapeError);
}

TEST(PixelRows, AreThePixelsOfASmallPictureAndMeansOfALargeOne) {
  const Tensor small = torch::rand({2, 1, 28, 28}), large = torch::rand({2, 1, 64, 64}),
               colour = torch::rand({1, 3, 36, 36});
  EXPECT_TRUE(pixel_rows(small).equal(small.flatten(1)));
  EXPECT_TRUE(torch::allclose(pixel_rows(large), large.view({2, 32, 2, 32, 2}).mean({2, 4}).flatten(1)));
  EXPECT_TRUE(torch::allclose(pixel_rows(colour), colour.view({1, 3, 18, 2, 18, 2}).mean({3, 5}).flatten(1)));
  EXPECT_EQ(pixel_rows(torch::rand({1, 1, 4, 4000})).size(1), 4 * 32) << "a side that is small stays";
}

}  // namespace figment
