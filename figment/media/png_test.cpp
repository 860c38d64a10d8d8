#include <gmock/gmock.h>
#include <png.h>

#include "figment/base/error.h"
#include "figment/media/awkward_test_corpus.h"
#include "figment/media/image.h"
#include "tests/mutate.h"

namespace figment {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::ThrowsMessage;

Image one_row(int64_t channels, std::vector<uint8_t> pixels) {
  const int64_t width = int64_t(pixels.size()) / channels;
  return {.width = width, .height = 1, .channels = channels, .pixels = std::move(pixels)};
}

TEST(Png, WhatIsWrittenIsReadBack) {
  for (const int64_t channels : {1, 3, 4})
    for (const auto& [width, height] : {std::pair<int64_t, int64_t>{1, 1}, {5, 3}, {64, 64}, {1, 300}, {257, 2}}) {
      Image image{.width = width, .height = height, .channels = channels};
      for (int64_t i = 0; i < width * height * channels; ++i) image.pixels.push_back(uint8_t(i * i * 31 >> 3));
      const Image back = decode_image(encode_png(image), "x.png");
      const ImageInfo info = image_info(encode_png(image), "x.png");
      EXPECT_EQ(back.pixels, image.pixels);
      EXPECT_EQ(back.width, width);
      EXPECT_EQ(back.height, height);
      EXPECT_EQ(back.channels, channels);
      EXPECT_EQ(info.format, "png");
      EXPECT_EQ(info.mode, channels == 1 ? "grey" : channels == 3 ? "rgb" : "rgba");
    }
}

TEST(Png, SixteenBitsAreRounded) {  // 0x0180 / 257 = 1.49, 0x0182 / 257 = 1.502
  const TestPng png{.width = 4,
                    .height = 1,
                    .colour_type = PNG_COLOR_TYPE_GRAY,
                    .bits = 16,
                    .rows = {0x01, 0x80, 0x01, 0x82, 0xff, 0x7e, 0xff, 0xff}};
  EXPECT_THAT(decode_image(make_png(png), "x").pixels, ElementsAre(1, 2, 254, 255));
  EXPECT_EQ(image_info(make_png(png), "x").bits, 16);
}

TEST(Png, FewBitsFillTheRange) {
  const TestPng two_bits{.width = 4, .height = 1, .colour_type = PNG_COLOR_TYPE_GRAY, .bits = 2, .rows = {0b00011011}};
  EXPECT_THAT(decode_image(make_png(two_bits), "x").pixels, ElementsAre(0, 85, 170, 255));
}

TEST(Png, PalettesAreExpanded) {
  TestPng png{.width = 3,
              .height = 1,
              .colour_type = PNG_COLOR_TYPE_PALETTE,
              .rows = {1, 0, 1},
              .palette = {1, 2, 3, 40, 50, 60}};
  EXPECT_THAT(decode_image(make_png(png), "x").pixels, ElementsAre(40, 50, 60, 1, 2, 3, 40, 50, 60));
  png.palette_alpha = {9};  // the entries behind the last alpha are opaque
  EXPECT_THAT(decode_image(make_png(png), "x").pixels, ElementsAre(40, 50, 60, 255, 1, 2, 3, 9, 40, 50, 60, 255));
}

TEST(Png, GreyWithAlphaBecomesRgba) {
  const TestPng png{.width = 2, .height = 1, .colour_type = PNG_COLOR_TYPE_GRAY_ALPHA, .rows = {7, 200, 8, 0}};
  EXPECT_THAT(decode_image(make_png(png), "x").pixels, ElementsAre(7, 7, 7, 200, 8, 8, 8, 0));
  const TestPng keyed{
      .width = 2, .height = 1, .colour_type = PNG_COLOR_TYPE_GRAY, .rows = {7, 8}, .transparent_grey = 8};
  EXPECT_THAT(decode_image(make_png(keyed), "x").pixels, ElementsAre(7, 7, 7, 255, 8, 8, 8, 0));
}

TEST(Png, InterlacedShowsTheSamePicture) {
  TestPng png{.width = 11, .height = 13, .colour_type = PNG_COLOR_TYPE_RGB};
  for (int i = 0; i < 11 * 13 * 3; ++i) png.rows.push_back(static_cast<unsigned char>(i * 7));
  const auto plain = decode_image(make_png(png), "x").pixels;
  png.interlaced = true;
  EXPECT_EQ(decode_image(make_png(png), "x").pixels, plain);
  EXPECT_EQ(plain, png.rows);
}

TEST(Png, SignificantBitsChangeNothing) {  // samples are scaled to the full range already
  const TestPng png{
      .width = 3, .height = 1, .colour_type = PNG_COLOR_TYPE_GRAY, .rows = {0, 99, 255}, .significant_bits = 5};
  EXPECT_THAT(decode_image(make_png(png), "x").pixels, ElementsAre(0, 99, 255));
}

TEST(Png, TruncationNamesTheRow) {
  Image image{.width = 300, .height = 40, .channels = 3};
  for (int i = 0; i < 300 * 40 * 3; ++i) image.pixels.push_back(uint8_t(i * 7919 >> 5));
  const std::string bytes = encode_png(image);
  EXPECT_THAT([&] { decode_image(bytes.substr(0, bytes.size() / 2), "x.png"); },
              ThrowsMessage<DataError>(testing::MatchesRegex("x\\.png: the file is truncated after row [0-9]+")));
  EXPECT_THAT([&] { decode_image(bytes.substr(0, 40), "x.png"); }, ThrowsMessage<DataError>(HasSubstr("truncated")));
}

TEST(Png, TextComesBack) {
  const std::map<std::string, std::string> text = {{"Software", "figment 0.1.0"},
                                                   {"run",
                                                    "gr\xc3\xbc\xc3\x9f"
                                                    "e \xe2\x86\x92"},
                                                   {"seed", "17"},
                                                   {"empty", ""}};
  const std::string bytes = encode_png(one_row(1, {1, 2, 3}), text);
  EXPECT_EQ(png_text(bytes, "x.png"), text);
  EXPECT_THAT(decode_image(bytes, "x.png").pixels, ElementsAre(1, 2, 3));
  EXPECT_THAT(png_text(encode_png(one_row(1, {1})), "x.png"), IsEmpty());
}

TEST(Png, TextOfOthersIsLatin1) {
  std::string bytes = encode_png(one_row(1, {1}), {{"k", "e"}});
  bytes[bytes.find("tEXt") + 6] = '\xe9';
  EXPECT_THAT([&] { png_text(bytes, "x.png"); }, ThrowsMessage<DataError>(HasSubstr("x.png: the file is damaged")));
  EXPECT_THAT(png_text(with_checksums(bytes), "x.png"), ElementsAre(Pair("k", "\xc3\xa9")));
}

TEST(Png, TextThatAPngCannotHoldIsRefused) {
  const Image image = one_row(1, {1});
  for (const std::string& key :
       {std::string(), std::string(80, 'a'), std::string(" a"), std::string("a "), std::string("\xc3\xa9")})
    EXPECT_THROW(encode_png(image, {{key, "value"}}), DataError) << key;
  EXPECT_THROW(encode_png(image, {{"key", std::string("a\0b", 3)}}), DataError);
}

TEST(Png, TextOfWhatIsNoPngIsAnError) {
  EXPECT_THAT([] { png_text("nonsense", "x.png"); }, ThrowsMessage<DataError>("x.png: is no PNG"));
}

TEST(Png, PicturesThatDoNotFitTheirExtentsAreRefused) {
  EXPECT_THROW(encode_png({.width = 2, .height = 2, .channels = 1, .pixels = {1}}), ShapeError);
  EXPECT_THROW(encode_png({.width = 1, .height = 1, .channels = 2, .pixels = {1, 2}}), ShapeError);
  EXPECT_THROW(encode_png({}), ShapeError);
}

/// What the fuzz target image_fuzz does, over damaged copies of the corpus.
TEST(Images, SurviveAnyByteChange) {
  std::mt19937 random(7);
  int read = 0, refused = 0;
  for (const CorpusFile& file : awkward_images())
    for (int i = 0; i < 150; ++i) {
      std::string bytes = mutated(file.bytes, random);
      if (i % 2 == 0) bytes = with_checksums(bytes);
      try {
        const Image image = decode_image(bytes, "x");
        EXPECT_EQ(int64_t(image.pixels.size()), image.width * image.height * image.channels);
        ++read;
      } catch (const DataError&) { ++refused; }
      try {
        png_text(bytes, "x");
      } catch (const DataError&) {}
    }
  EXPECT_GT(read, 100);
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace figment
