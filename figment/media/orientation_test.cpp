// Turning pictures as EXIF says, whatever format they are of.
#include <gmock/gmock.h>

#include "figment/media/awkward_test_corpus.h"
#include "figment/media/formats_test_corpus.h"
#include "figment/media/image.h"

namespace figment {
namespace {

using testing::ElementsAreArray;

/// EXIF 2.3, 4.6.4 A, says where row 0 and column 0 of the file are seen: orientation 6, row 0 on the right and column
/// 0 at the top. What is seen of a file that holds 1 2 3 over 4 5 6, for orientations 1 to 8.
const std::vector<std::vector<uint8_t>> kSeen = {{1, 2, 3, 4, 5, 6}, {3, 2, 1, 6, 5, 4}, {6, 5, 4, 3, 2, 1},
                                                 {4, 5, 6, 1, 2, 3}, {1, 4, 2, 5, 3, 6}, {4, 1, 5, 2, 6, 3},
                                                 {6, 3, 5, 2, 4, 1}, {3, 6, 2, 5, 1, 4}};

const std::string kPlain = encode_png({.width = 3, .height = 2, .channels = 1, .pixels = kSeen[0]});

void expect_seen(const std::string& bytes, int orientation) {
  const ImageInfo info = image_info(bytes, "x");
  EXPECT_EQ(info.orientation, orientation);
  EXPECT_EQ(info.width, orientation >= 5 ? 2 : 3) << orientation;
  EXPECT_EQ(info.height, orientation >= 5 ? 3 : 2) << orientation;
  const Image image = decode_image(bytes, "x");
  EXPECT_EQ(image.width, info.width);
  EXPECT_EQ(image.height, info.height);
  EXPECT_THAT(with_channels(image, 1).pixels, ElementsAreArray(kSeen[size_t(orientation) - 1])) << orientation;
}

TEST(Orientation, OfPngIsApplied) {
  for (int orientation = 1; orientation <= 8; ++orientation)
    for (const bool little : {false, true})
      for (const bool behind : {false, true})
        expect_seen(png_with_exif(kPlain, exif_block(orientation, little), behind), orientation);
}

TEST(Orientation, OfTiffAndWebpIsApplied) {
  TestPixels rgb{.width = 3, .height = 2};
  for (const uint8_t value : kSeen[0]) rgb.pixels.insert(rgb.pixels.end(), 3, value);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    expect_seen(make_tiff({.width = 3, .height = 2, .orientation = orientation, .rows = rgb.pixels}), orientation);
    expect_seen(webp_with_exif(make_webp(rgb), 3, 2, exif_block(orientation)), orientation);
  }
}

/// Each number of kSeen as 16 x 16 pixels of 40 times that grey.
Image in_blocks(const std::vector<uint8_t>& numbers, int64_t across) {
  constexpr int64_t kBlock = 16;
  const int64_t down = int64_t(numbers.size()) / across;
  Image image{.width = across * kBlock, .height = down * kBlock, .channels = 1};
  for (int64_t y = 0; y < image.height; ++y)
    for (int64_t x = 0; x < image.width; ++x)
      image.pixels.push_back(uint8_t(40 * numbers[size_t(y / kBlock * across + x / kBlock)]));
  return image;
}

TEST(Orientation, OfJpegIsAppliedAtEveryReduction) {
  const Image file = in_blocks(kSeen[0], 3);
  const std::string jpeg =
      make_jpeg({.width = int(file.width), .height = int(file.height), .channels = 1, .pixels = file.pixels});
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const std::string bytes = jpeg_with_exif(jpeg, exif_block(orientation));
    const Image seen = in_blocks(kSeen[size_t(orientation) - 1], orientation >= 5 ? 2 : 3);
    EXPECT_EQ(image_info(bytes, "x").width, seen.width);
    EXPECT_EQ(decode_image(bytes, "x", {.width = seen.width / 2, .height = 1}).width, seen.width) << orientation;
    EXPECT_EQ(decode_image(bytes, "x", {.width = 1, .height = seen.height / 2}).height, seen.height) << orientation;
    for (const int64_t divisor : {1, 2, 4, 8}) {
      const int64_t width = seen.width / divisor, height = seen.height / divisor;
      const Image got = decode_image(bytes, "x", {.width = width / 2, .height = height / 2});
      ASSERT_EQ(got.width, width) << orientation;
      ASSERT_EQ(got.height, height) << orientation;
      const int64_t block = 16 / divisor;
      for (int64_t y = block / 2; y < height; y += block)
        for (int64_t x = block / 2; x < width; x += block)
          EXPECT_NEAR(got.pixels[size_t(y * width + x)], seen.pixels[size_t(y * divisor * seen.width + x * divisor)], 3)
              << orientation << " at 1/" << divisor;
    }
  }
}

TEST(Orientation, BehindTheFrameHeaderOfAJpegIsApplied) {
  std::string jpeg = make_jpeg({.width = 48, .height = 32, .channels = 1, .pixels = in_blocks(kSeen[0], 3).pixels});
  const std::string segment = jpeg_with_exif("\xff\xd8", exif_block(6)).substr(2);
  const size_t tables = jpeg.find("\xff\xc4");
  ASSERT_GT(tables, jpeg.find("\xff\xc0"));
  EXPECT_EQ(image_info(jpeg.insert(tables, segment), "x").width, 32);
}

TEST(Orientation, OfXmpCountsWhereExifStatesNone) {
  const auto xmp = [](const char* property) {
    return encode_png({.width = 3, .height = 2, .channels = 1, .pixels = kSeen[0]},
                      {{"XML:com.adobe.xmp", std::string("\xc2\xa0<x ") + property + "</x>"}});
  };
  expect_seen(xmp("tiff:Orientation=\"6\">"), 6);
  expect_seen(xmp("><tiff:Orientation>3</tiff:Orientation>"), 3);
  expect_seen(png_with_exif(xmp("tiff:Orientation=\"6\">"), exif_block(3), true), 3);
  expect_seen(png_with_exif(xmp("tiff:Orientation=\"6\">"), exif_block(1), true), 1);  // it was turned, XMP is old
  expect_seen(png_with_exif(xmp("tiff:Orientation=\"6\">"), exif_block(0), true), 6);  // 0 states nothing
  expect_seen(xmp("tiff:Orientation=\"x\">"), 1);
}

TEST(Orientation, ThatIsNoneOrDamagedIsIgnored) {
  for (const int orientation : {0, 9, 255})
    EXPECT_EQ(decode_image(png_with_exif(kPlain, exif_block(orientation)), "x").pixels, kSeen[0]);
  const std::string block = exif_block(6);
  for (size_t size = 0; size < block.size() - 8; ++size)
    EXPECT_EQ(decode_image(png_with_exif(kPlain, block.substr(0, size)), "x").pixels, kSeen[0]) << size;
  std::string text = block;
  text[8 + 2 + 12 + 2] = 2;  // the type of the entry: letters
  EXPECT_EQ(decode_image(png_with_exif(kPlain, text), "x").pixels, kSeen[0]);
  std::string far = block;
  far[7] = '\x7f';  // where the entries begin
  EXPECT_EQ(decode_image(png_with_exif(kPlain, far), "x").pixels, kSeen[0]);
}

}  // namespace
}  // namespace figment
