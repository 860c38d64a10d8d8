#include "figment/evaluation/nearest_images.h"

#include <gtest/gtest.h>

namespace figment {

/// Images of one pixel that are their own features: 0 to 9, of which the query 6.2 is nearest to 6, and -5 to 0.
TEST(NearestImages, AreTheSameHoweverTheyAreBatched) {
  const Tensor images = torch::arange(10, torch::kFloat).view({10, 1, 1, 1});
  for (const int64_t batch : {1, 3, 4, 10}) {
    NearestImages nearest(torch::tensor({6.2f, -5.f}).view({2, 1}));
    for (const Tensor& part : images.split(batch)) nearest.pass(part.flatten(1), part);
    EXPECT_TRUE(torch::equal(nearest.images().flatten(), torch::tensor({6.f, 0.f}))) << batch;
  }
}

TEST(NearestImages, OfEquallyNearOnesTheFirstStays) {
  NearestImages nearest(torch::zeros({1, 1}));
  nearest.pass(torch::ones({1, 1}), torch::full({1, 1, 1, 1}, 7.f));
  nearest.pass(-torch::ones({1, 1}), torch::full({1, 1, 1, 1}, 8.f));
  EXPECT_EQ(nearest.images().item<float>(), 7);
}

}  // namespace figment
