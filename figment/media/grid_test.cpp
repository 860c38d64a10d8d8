#include "figment/media/grid.h"

#include <gtest/gtest.h>

#include "figment/base/error.h"

namespace figment {
namespace {

Image filled(int64_t width, int64_t height, int64_t channels, uint8_t value) {
  return {width, height, channels, std::vector<uint8_t>(size_t(width * height * channels), value)};
}

uint8_t at(const Image& image, int64_t x, int64_t y, int64_t channel = 0) {
  return image.pixels[size_t((y * image.width + x) * image.channels + channel)];
}

TEST(Grid, PutsPicturesInReadingOrderWithWhiteBetween) {
  const Image whole = grid({filled(3, 2, 1, 10), filled(3, 2, 1, 20), filled(3, 2, 1, 30)}, 2, 1);
  EXPECT_EQ(whole.width, 9);
  EXPECT_EQ(whole.height, 7);
  EXPECT_EQ(whole.channels, 1);
  const std::vector<uint8_t> row = {255, 10, 10, 10, 255, 20, 20, 20, 255};
  EXPECT_EQ(std::vector<uint8_t>(whole.pixels.begin() + 9, whole.pixels.begin() + 18), row);
  EXPECT_EQ(at(whole, 1, 4), 30);
  EXPECT_EQ(at(whole, 5, 4), 255) << "the place of the missing fourth is white";
  for (int64_t x = 0; x < 9; ++x) EXPECT_EQ(at(whole, x, 0) & at(whole, x, 3) & at(whole, x, 6), 255);
}

TEST(Grid, CentresSmallerPicturesAndTurnsGreyIntoColour) {
  const Image whole = grid({filled(4, 4, 3, 7), filled(2, 2, 1, 9)}, 2, 0);
  EXPECT_EQ(whole.channels, 3);
  EXPECT_EQ(at(whole, 3, 3, 2), 7);
  EXPECT_EQ(at(whole, 4, 0), 255);
  for (int64_t channel = 0; channel < 3; ++channel) EXPECT_EQ(at(whole, 5, 1, channel), 9);
}

TEST(Grid, LaysTransparencyOverWhite) {
  Image clear = filled(1, 1, 4, 0);
  EXPECT_EQ(grid({clear}, 1, 0).pixels, (std::vector<uint8_t>{255, 255, 255}));
}

TEST(Grid, NeedsAPicture) { EXPECT_THROW(grid({}, 3), DataError); }

}  // namespace
}  // namespace figment
