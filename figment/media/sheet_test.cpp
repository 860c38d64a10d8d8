#include "figment/media/sheet.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "figment/base/error.h"

namespace figment {
namespace {

Image filled(int64_t width, int64_t height, int64_t channels, uint8_t value) {
  return {width, height, channels, std::vector<uint8_t>(size_t(width * height * channels), value)};
}

/// Black pixels of the rows from `top` on.
int64_t black_below(const Image& image, int64_t top) {
  return std::count(image.pixels.begin() + top * image.width * image.channels, image.pixels.end(), uint8_t(0)) /
         image.channels;
}

TEST(Sheet, AnEnlargedPictureRepeatsEachPixel) {
  const Image image{.width = 2, .height = 1, .channels = 3, .pixels = {1, 2, 3, 4, 5, 6}};
  const Image twice = enlarged(image, 2);
  EXPECT_EQ(twice.width, 4);
  EXPECT_EQ(twice.height, 2);
  const std::vector<uint8_t> row = {1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6};
  std::vector<uint8_t> rows = row;
  rows.insert(rows.end(), row.begin(), row.end());
  EXPECT_EQ(twice.pixels, rows);
  EXPECT_EQ(enlarged(image, 1).pixels, image.pixels);
  EXPECT_THROW(enlarged(image, 0), ConfigError);
}

TEST(Sheet, SmallPicturesAreEnlargedAsFarAsTheSheetAllows) {
  EXPECT_EQ(sheet_layout(64, 8, 28, 28, false).times, 3);
  EXPECT_EQ(sheet_layout(64, 8, 28, 28, false).sides.width, 2 + 8 * (84 + 2));
  EXPECT_EQ(sheet_layout(64, 8, 64, 64, false).times, 1);
  EXPECT_EQ(sheet_layout(1, 1, 300, 200, false).times, 1) << "never smaller than it is";
  EXPECT_EQ(sheet_layout(1024, 32, 28, 28, false).times, 2) << "32 * 86 are more than 2,048 pixels";
  EXPECT_EQ(sheet_layout(10000, 100, 28, 28, false).times, 1);
  const SheetLayout plain = sheet_layout(4, 2, 28, 28, false), named = sheet_layout(4, 2, 28, 28, true);
  EXPECT_EQ(named.sides.height, plain.sides.height + 2 * 12);
}

TEST(Sheet, IsAsLargeAsItsLayoutSays) {
  for (const bool named : {false, true}) {
    const std::vector<Image> images(5, filled(10, 7, 1, 9));
    const SheetLayout layout = sheet_layout(5, 3, 10, 7, named);
    const Image whole = sheet(images, 3, named ? std::vector<std::string>(5, "a") : std::vector<std::string>());
    EXPECT_EQ(whole.width, layout.sides.width);
    EXPECT_EQ(whole.height, layout.sides.height);
    EXPECT_EQ(std::ranges::count(whole.pixels, 9), 5 * 70 * layout.times * layout.times) << "no picture is covered";
  }
  EXPECT_THROW(sheet({}, 3), DataError);
}

TEST(Sheet, WordsStandBelowThePictureAndNeverBesideIt) {
  const Image picture = filled(84, 84, 3, 200);
  for (const char* words : {"Ankle boot", "i", "a class whose name is longer than the picture is wide",
                            "Stra\xC3\x9F"
                            "e"}) {
    const Image named = with_words_below(picture, words);
    EXPECT_EQ(named.width, 84);
    EXPECT_EQ(named.height, 96);
    EXPECT_TRUE(std::equal(picture.pixels.begin(), picture.pixels.end(), named.pixels.begin()));
    EXPECT_GT(black_below(named, 84), 4) << words;
  }
  EXPECT_EQ(black_below(with_words_below(picture, ""), 84), 0);
  EXPECT_EQ(with_words_below(picture, "\xC3\x9F").pixels, with_words_below(picture, "?").pixels);
  EXPECT_EQ(black_below(with_words_below(filled(3, 3, 1, 200), "wide"), 3), 0) << "no room for one letter";
  const Image twice = with_words_below(filled(168, 20, 1, 200), "WW"),
              once = with_words_below(filled(168, 20, 1, 200), "W");
  EXPECT_EQ(black_below(twice, 20), 2 * black_below(once, 20));
}

}  // namespace
}  // namespace figment
