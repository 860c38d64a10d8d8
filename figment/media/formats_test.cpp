// WebP, GIF, BMP and TIFF, what is not read, and the range of values.
#include "figment/media/formats_test_corpus.h"

#include <gmock/gmock.h>
#include <png.h>

#include "figment/base/error.h"
#include "figment/media/awkward_test_corpus.h"
#include "figment/media/image.h"

namespace figment {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::ThrowsMessage;

TestPixels numbered(int width, int height, int channels) {
  TestPixels picture{.width = width, .height = height, .channels = channels};
  for (int i = 0; i < width * height * channels; ++i) picture.pixels.push_back(static_cast<unsigned char>(i * 7 + 40));
  return picture;
}

void expect_same(const std::string& bytes, const TestPixels& picture, const std::string& format) {
  const ImageInfo info = image_info(bytes, "x");
  EXPECT_EQ(info.format, format);
  EXPECT_EQ(info.mode, picture.channels == 4 ? "rgba" : "rgb");
  const Image image = decode_image(bytes, "x");
  EXPECT_EQ(image.width, picture.width);
  EXPECT_EQ(image.height, picture.height);
  EXPECT_EQ(image.channels, picture.channels);
  EXPECT_THAT(image.pixels, ElementsAreArray(picture.pixels));
}

void expect_every_truncation_refused(const std::string& bytes, size_t most) {
  EXPECT_NO_THROW(decode_image(bytes, "x"));
  for (size_t size = 0; size < most; ++size) EXPECT_THROW(decode_image(bytes.substr(0, size), "x"), DataError) << size;
}

TEST(Webp, IsRead) {
  for (const int channels : {3, 4}) expect_same(make_webp(numbered(5, 3, channels)), numbered(5, 3, channels), "webp");
  const std::string bytes = make_webp(numbered(5, 3, 3));
  expect_every_truncation_refused(bytes, bytes.size() - 2);
}

TEST(Webp, OfAnAnimationShowsTheFirstPicture) {
  TestPixels first = numbered(4, 4, 4), second = numbered(4, 4, 4);
  for (size_t i = 3; i < first.pixels.size(); i += 4) first.pixels[i] = 255;
  std::fill(second.pixels.begin(), second.pixels.end(), 255);
  expect_same(make_animated_webp(first, second), first, "webp");
}

TEST(Bmp, IsRead) {
  expect_same(make_bmp(numbered(5, 3, 3)), numbered(5, 3, 3), "bmp");
  const std::string bytes = make_bmp(numbered(5, 3, 3));
  expect_every_truncation_refused(bytes, bytes.size());
}

TEST(Bmp, TheFourthByteOfAPlainPixelIsNoAlpha) {
  const Image image = decode_image(make_bmp(numbered(2, 1, 4)), "x");
  EXPECT_EQ(image.channels, 3);
  EXPECT_THAT(image.pixels, ElementsAre(40, 47, 54, 68, 75, 82));
}

TEST(Bmp, AColourThatThePaletteLacksIsRefused) {
  std::string bytes = make_bmp({.width = 4, .height = 1, .channels = 3, .pixels = std::vector<unsigned char>(12)});
  bytes.replace(54, bytes.size() - 54, std::string("\1\2\3\0\4\5\6\0", 8) + std::string("\0\1\0\1", 4));
  bytes[10] = 62;  // where the pixels begin: behind a palette of two
  bytes[28] = 8;
  EXPECT_THAT(decode_image(bytes, "x").pixels, ElementsAre(3, 2, 1, 6, 5, 4, 3, 2, 1, 6, 5, 4));
  bytes.back() = 2;
  EXPECT_THAT([&] { decode_image(bytes, "x.bmp"); }, ThrowsMessage<DataError>(HasSubstr("is beyond the palette")));
}

TEST(Bmp, CompressedIsRefusedByName) {
  std::string bytes = make_bmp(numbered(5, 3, 3));
  bytes[30] = 1;
  EXPECT_THAT([&] { decode_image(bytes, "x.bmp"); }, ThrowsMessage<DataError>(HasSubstr("x.bmp: is a compressed BMP")));
}

const std::vector<unsigned char> kPalette = {1, 2, 3, 40, 50, 60, 100, 110, 120, 255, 0, 9};

TEST(Gif, IsReadWithItsPalette) {
  TestGif gif{.width = 3, .height = 2, .palette = kPalette, .indices = {0, 1, 2, 3, 2, 1}};
  const std::vector<uint8_t> seen = {1, 2, 3, 40, 50, 60, 100, 110, 120, 255, 0, 9, 100, 110, 120, 40, 50, 60};
  EXPECT_EQ(image_info(make_gif(gif), "x").mode, "palette");
  EXPECT_EQ(decode_image(make_gif(gif), "x").pixels, seen);
  gif.interlaced = true;
  EXPECT_EQ(decode_image(make_gif(gif), "x").pixels, seen);
  const std::string bytes = make_gif(gif);
  expect_every_truncation_refused(bytes, bytes.size() - 6);
}

TEST(Gif, TransparencyAndWhatTheFirstPictureLeavesFreeAreAlpha) {
  const TestGif keyed{.width = 2, .height = 1, .palette = kPalette, .indices = {1, 2}, .transparent = 2};
  EXPECT_THAT(decode_image(make_gif(keyed), "x").pixels, ElementsAre(40, 50, 60, 255, 0, 0, 0, 0));
  const TestGif small{
      .width = 3, .height = 1, .left = 1, .frame_width = 1, .frame_height = 1, .palette = kPalette, .indices = {3}};
  EXPECT_THAT(decode_image(make_gif(small), "x").pixels, ElementsAre(0, 0, 0, 0, 255, 0, 9, 255, 0, 0, 0, 0));
}

TEST(Gif, OfGreysIsGrey) {
  const TestGif gif{.width = 2, .height = 1, .palette = {0, 0, 0, 9, 9, 9}, .indices = {1, 0}};
  EXPECT_EQ(image_info(make_gif(gif), "x").mode, "grey");
  EXPECT_THAT(decode_image(make_gif(gif), "x").pixels, ElementsAre(9, 0));
}

TEST(Tiff, IsRead) {
  const TestPixels picture = numbered(5, 3, 3);
  const std::string bytes = make_tiff({.width = 5, .height = 3, .rows = picture.pixels});
  expect_same(bytes, picture, "tiff");
  expect_every_truncation_refused(bytes, bytes.size() - 10);
  const std::string grey = make_tiff({.width = 3, .height = 1, .samples = 1, .photometric = 1, .rows = {0, 99, 255}});
  EXPECT_EQ(image_info(grey, "x").mode, "grey");
  EXPECT_THAT(decode_image(grey, "x").pixels, ElementsAre(0, 99, 255));
  const std::string inverted =
      make_tiff({.width = 3, .height = 1, .samples = 1, .photometric = 0, .rows = {0, 99, 255}});
  EXPECT_THAT(decode_image(inverted, "x").pixels, ElementsAre(255, 156, 0));
}

TEST(Tiff, AlphaIsNotPremultiplied) {
  for (const int extra : {1, 2}) {
    const unsigned char colour = extra == 1 ? 100 : 200;
    const std::string bytes =
        make_tiff({.width = 1, .height = 1, .samples = 4, .extra = extra, .rows = {colour, colour, colour, 128}});
    const Image image = decode_image(bytes, "x");
    ASSERT_EQ(image.channels, 4);
    for (int c = 0; c < 3; ++c) EXPECT_NEAR(image.pixels[size_t(c)], extra == 1 ? 199 : 200, 1);
    EXPECT_EQ(image.pixels[3], 128);
  }
}

TEST(Tiff, GreyWithAlphaIsNotDividedByItTwice) {
  for (const int extra : {1, 2}) {
    const Image image = decode_image(
        make_tiff({.width = 1, .height = 1, .samples = 2, .photometric = 1, .extra = extra, .rows = {100, 128}}), "x");
    ASSERT_EQ(image.channels, 4);
    EXPECT_NEAR(image.pixels[0], extra == 1 ? 199 : 100, 1) << extra;
    EXPECT_EQ(image.pixels[3], 128);
  }
  const std::string deep = make_tiff(
      {.width = 1, .height = 1, .bits = 16, .samples = 2, .photometric = 1, .extra = 2, .rows = {0, 100, 0, 128}});
  EXPECT_THAT([&] { decode_image(deep, "x"); }, ThrowsMessage<DataError>(HasSubstr("grey with transparency of 16")));
}

TEST(Tiff, SixteenBitsOfColourKeepTheirValues) {
  const std::string tiff = make_tiff(
      {.width = 1, .height = 2, .bits = 16, .rows = {0x00, 0x00, 0x00, 0x08, 0xff, 0x0f, 0x00, 0x01, 0, 2, 0, 3}});
  EXPECT_EQ(image_info(tiff, "x").bits, 16);
  ValueRange found;
  decode_image(tiff, "x", {}, &found);
  EXPECT_EQ(found.most, 4095);
  EXPECT_THAT(decode_image(tiff, "x", {.range = ValueRange{0, 4095}}).pixels, ElementsAre(0, 128, 255, 16, 32, 48));
}

TEST(Gif, AFrameBeyondAllBoundsIsRefusedBeforeItIsDecoded) {
  std::string bytes = make_gif({.width = 1, .height = 1, .palette = kPalette, .indices = {1}});
  const size_t frame = bytes.find(',', 13);  // the frame's descriptor: left, top, width, height of two bytes each
  bytes.replace(frame + 5, 4, "\xff\xff\xff\xff");
  EXPECT_THAT([&] { decode_image(bytes, "x"); },
              ThrowsMessage<DataError>(HasSubstr("is 65535 x 65535 pixels; at most")));
}

TEST(Tiff, NumbersThatArePixelsOfAnotherKindAreRefusedByName) {
  const auto of = [](int bits, int format) {
    return make_tiff({.width = 1,
                      .height = 1,
                      .bits = bits,
                      .samples = 1,
                      .photometric = 1,
                      .sample_format = format,
                      .rows = std::vector<unsigned char>(size_t(bits) / 8)});
  };
  EXPECT_THAT([&] { decode_image(of(32, 3), "x"); }, ThrowsMessage<DataError>(HasSubstr("floating-point")));
  EXPECT_THAT([&] { decode_image(of(16, 2), "x"); }, ThrowsMessage<DataError>(HasSubstr("signed")));
  EXPECT_THAT([&] { decode_image(of(32, 1), "x"); }, ThrowsMessage<DataError>(HasSubstr("32 bits")));
  const std::string lab = make_tiff({.width = 1, .height = 1, .photometric = 8, .rows = {1, 2, 3}});
  EXPECT_THAT([&] { decode_image(lab, "x"); }, ThrowsMessage<DataError>(HasSubstr("another colour space")));
}

TEST(ValueRange, OfTwelveBitsInSixteenIsFoundAndStretched) {
  const std::string png = make_png({.width = 3,
                                    .height = 1,
                                    .colour_type = PNG_COLOR_TYPE_GRAY,
                                    .bits = 16,
                                    .rows = {0x00, 0x00, 0x08, 0x00, 0x0f, 0xff}});
  const std::string tiff = make_tiff({.width = 3,
                                      .height = 1,
                                      .bits = 16,
                                      .samples = 1,
                                      .photometric = 1,
                                      .rows = {0x00, 0x00, 0x00, 0x08, 0xff, 0x0f}});
  for (const std::string& bytes : {png, tiff}) {
    ValueRange found;
    EXPECT_THAT(decode_image(bytes, "x", {}, &found).pixels, ElementsAre(0, 8, 16));
    EXPECT_EQ(found.least, 0);
    EXPECT_EQ(found.most, 4095);
    EXPECT_THAT(decode_image(bytes, "x", {.range = ValueRange{0, 4095}}).pixels, ElementsAre(0, 128, 255));
  }
}

TEST(ValueRange, OfAMaskIsStretchedAndAlphaIsNot) {
  ValueRange found;
  const std::string mask = encode_png({.width = 3, .height = 1, .channels = 1, .pixels = {0, 1, 2}});
  EXPECT_THAT(decode_image(mask, "x", {.range = ValueRange{0, 1}}, &found).pixels, ElementsAre(0, 255, 255));
  EXPECT_EQ(found.most, 2);
  const std::string rgba = encode_png({.width = 1, .height = 1, .channels = 4, .pixels = {0, 1, 1, 77}});
  EXPECT_THAT(decode_image(rgba, "x", {.range = ValueRange{0, 1}}, &found).pixels, ElementsAre(0, 255, 255, 77));
  EXPECT_EQ(found.most, 1);
}

TEST(Images, OfFormatsThatAreNotReadNameAProgramThatConvertsThem) {
  const auto brand = [](const char* name) {
    return std::string(
               "\0\0\0\x18"
               "ftyp",
               8) +
           name + "0000";
  };
  EXPECT_THAT([&] { decode_image(brand("heic"), "x"); },
              ThrowsMessage<DataError>(HasSubstr("x: is HEIC, which is not read; heif-convert")));
  EXPECT_THAT([&] { decode_image(brand("avif"), "x"); }, ThrowsMessage<DataError>(HasSubstr("avifdec")));
  EXPECT_THAT([&] { decode_image("\xff\x0a....", "x"); }, ThrowsMessage<DataError>(HasSubstr("djxl")));
  EXPECT_THAT([&] { decode_image("<svg ", "x"); }, ThrowsMessage<DataError>(HasSubstr("rsvg-convert")));
}

}  // namespace
}  // namespace figment
