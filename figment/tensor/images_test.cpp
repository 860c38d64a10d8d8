#include "figment/tensor/images.h"

#include <gtest/gtest.h>

#include <limits>

#include "figment/base/error.h"

namespace figment {
namespace {

TEST(Images, EveryLevelComesBack) {
  const Tensor levels = torch::arange(256).to(torch::kUInt8);
  const Tensor x = from_bytes(levels);
  for (int k = 0; k < 256; ++k) EXPECT_EQ(x[k].item<float>(), signed_value(uint8_t(k)));
  EXPECT_EQ(signed_value(0), -1);
  EXPECT_EQ(signed_value(255), 1);
  EXPECT_TRUE(to_bytes(x).equal(levels));
  EXPECT_TRUE(to_bytes(x + 0.4f / 127.5f).equal(levels)) << "the nearest level, not the one below";
}

TEST(Images, WhatIsOutsideIsClampedAndNanIsBlack) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const Tensor x = torch::tensor({-3.f, 3.f, -infinity, infinity, std::nanf(""), 1e30f});
  EXPECT_TRUE(to_bytes(x).equal(torch::tensor({0, 255, 0, 255, 0, 255}, torch::kUInt8)));
}

TEST(Images, APictureBecomesATensorAndComesBack) {
  Image image{.width = 3, .height = 2, .channels = 3};
  for (int i = 0; i < 18; ++i) image.pixels.push_back(uint8_t(i * 14));
  const Tensor x = to_tensor(image);
  EXPECT_EQ(x.sizes(), torch::IntArrayRef({3, 2, 3}));
  EXPECT_FLOAT_EQ(x[2][1][0].item<float>(), signed_value(image.pixels[(1 * 3 + 0) * 3 + 2]));
  const Image back = to_image(x);
  EXPECT_EQ(back.pixels, image.pixels);
  EXPECT_EQ(back.width, 3);
  EXPECT_EQ(back.height, 2);
  EXPECT_EQ(back.channels, 3);
}

TEST(Images, AGridReadsLikeTextWithWhiteBetween) {
  const Tensor x = (torch::arange(3) * 20).to(torch::kUInt8).view({3, 1, 1, 1}).expand({3, 1, 1, 2});
  const Image grid = image_grid(from_bytes(x), 2, 1);
  EXPECT_EQ(grid.width, 1 + 2 * (2 + 1));
  EXPECT_EQ(grid.height, 1 + 2 * (1 + 1));
  const std::vector<uint8_t> expected{255, 255, 255, 255, 255, 255, 255,  //
                                      255, 0,   0,   255, 20,  20,  255,  //
                                      255, 255, 255, 255, 255, 255, 255,  //
                                      255, 40,  40,  255, 255, 255, 255,  //
                                      255, 255, 255, 255, 255, 255, 255};
  EXPECT_EQ(grid.pixels, expected);
}

TEST(Images, AGridIsNoWiderThanItsPictures) {
  EXPECT_EQ(image_grid(torch::zeros({2, 3, 4, 4}), 8, 0).width, 8);
  EXPECT_EQ(image_grid(torch::zeros({1, 1, 4, 4}).requires_grad_(), 8).channels, 1);
}

TEST(Images, WhatIsNoPictureIsRefused) {
  EXPECT_THROW(to_image(torch::zeros({2, 4, 4})), ShapeError);
  EXPECT_THROW(to_image(torch::zeros({4, 4})), ShapeError);
  EXPECT_THROW(image_grid(torch::zeros({3, 4, 4}), 2), ShapeError);
  EXPECT_THROW(image_grid(torch::zeros({0, 1, 4, 4}), 2), DataError);
  EXPECT_THROW(to_tensor({.width = 2, .height = 2, .channels = 1, .pixels = {1, 2, 3}}), ShapeError);
}

}  // namespace
}  // namespace figment
