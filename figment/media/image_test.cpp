#include "figment/media/image.h"

#include <gmock/gmock.h>

#include <numeric>

#include "figment/base/error.h"
#include "figment/media/awkward_test_corpus.h"

namespace figment {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Image grey(int64_t width, int64_t height, std::vector<uint8_t> pixels) {
  return {.width = width, .height = height, .channels = 1, .pixels = std::move(pixels)};
}

Image gradient(int64_t width, int64_t height, int64_t channels) {
  Image image{.width = width, .height = height, .channels = channels};
  for (int64_t i = 0; i < width * height * channels; ++i) image.pixels.push_back(uint8_t(i * 37 % 251));
  return image;
}

double mean(const Image& image) {
  return std::accumulate(image.pixels.begin(), image.pixels.end(), 0.0) / double(image.pixels.size());
}

TEST(Images, AwkwardFilesAreReadOrRefusedInASentence) {
  for (const CorpusFile& file : awkward_images()) {
    SCOPED_TRACE(file.name);
    if (file.expectation == Expectation::kReads) {
      const ImageInfo info = image_info(file.bytes, file.name);
      const Image image = decode_image(file.bytes, file.name);
      EXPECT_EQ(info.mode, file.what);
      EXPECT_EQ(info.width, image.width);
      EXPECT_EQ(info.height, image.height);
      EXPECT_EQ(int64_t(image.pixels.size()), image.width * image.height * image.channels);
      continue;
    }
    try {
      decode_image(file.bytes, file.name);
      ADD_FAILURE() << "was read";
    } catch (const DataError& error) {
      EXPECT_THAT(error.what(), testing::StartsWith(file.name + ": "));
      EXPECT_THAT(error.what(), HasSubstr(file.what));
    }
  }
}

TEST(Images, LumaIsRec601AndGreyKeepsItsValue) {
  const Image colours{
      .width = 4, .height = 1, .channels = 3, .pixels = {255, 0, 0, 0, 255, 0, 0, 0, 255, 200, 100, 50}};
  EXPECT_THAT(with_channels(colours, 1).pixels, ElementsAre(76, 150, 29, 124));  // 0.299 r + 0.587 g + 0.114 b
  for (int v = 0; v < 256; ++v) {
    const Image back = with_channels(with_channels(grey(1, 1, {uint8_t(v)}), 3), 1);
    EXPECT_EQ(back.pixels[0], v);
  }
}

TEST(Images, AlphaIsLaidOverTheBackground) {
  const Image image{
      .width = 3, .height = 1, .channels = 4, .pixels = {10, 20, 30, 0, 10, 20, 30, 255, 0, 100, 200, 51}};
  EXPECT_THAT(with_channels(image, 3).pixels, ElementsAre(255, 255, 255, 10, 20, 30, 204, 224, 244));
  EXPECT_THAT(with_channels(image, 3, 0).pixels, ElementsAre(0, 0, 0, 10, 20, 30, 0, 20, 40));
  EXPECT_THAT(with_channels(image, 1, 7).pixels, ElementsAre(7, 18, testing::_));
}

TEST(Images, ChannelsThatDoNotExistAreRefused) {
  EXPECT_THROW(with_channels(grey(1, 1, {0}), 2), ShapeError);
  EXPECT_THROW(with_channels(grey(2, 1, {0}), 3), ShapeError);
}

TEST(Resize, SmallNumbersByHand) {
  // Halving: weights 1 3 3 1 of 8, cut at the borders: (3 3 1)/7 and (1 3 3)/7.
  EXPECT_THAT(resized(grey(4, 1, {0, 70, 140, 210}), 2, 1).pixels, ElementsAre(50, 160));
  // Doubling: 3/4 and 1/4 of the two neighbours, the border repeated.
  EXPECT_THAT(resized(grey(2, 1, {0, 200}), 4, 1).pixels, ElementsAre(0, 50, 150, 200));
  EXPECT_THAT(resized(grey(1, 2, {0, 200}), 1, 4).pixels, ElementsAre(0, 50, 150, 200));
}

TEST(Resize, EqualExtentsAreACopy) {
  for (const int64_t channels : {1, 3, 4}) {
    const Image image = gradient(7, 5, channels);
    EXPECT_EQ(resized(image, 7, 5).pixels, image.pixels);
    EXPECT_EQ(resized_to_cover(image, 7, 5).pixels, image.pixels);
  }
}

TEST(Resize, AConstantStaysAConstant) {
  for (const int value : {0, 1, 127, 254, 255})
    for (const auto& [width, height] : {std::pair<int64_t, int64_t>{1, 1}, {3, 200}, {28, 28}, {64, 5}, {301, 299}}) {
      Image image{.width = 113, .height = 57, .channels = 3};
      image.pixels.assign(113 * 57 * 3, uint8_t(value));
      EXPECT_THAT(resized(image, width, height).pixels, testing::Each(value)) << width << " x " << height;
    }
}

TEST(Resize, TheMeanIsKept) {
  const Image image = gradient(120, 90, 3);
  for (const int64_t side : {8, 30, 60, 240}) EXPECT_NEAR(mean(resized(image, side, side)), mean(image), 1.5) << side;
}

TEST(Resize, ChannelsDoNotMix) {
  Image image{.width = 9, .height = 9, .channels = 3};
  for (int i = 0; i < 81; ++i) image.pixels.insert(image.pixels.end(), {10, uint8_t(i * 3), 200});
  const Image small = resized(image, 4, 4);
  for (size_t i = 0; i < small.pixels.size(); i += 3) {
    EXPECT_EQ(small.pixels[i], 10);
    EXPECT_EQ(small.pixels[i + 2], 200);
  }
}

TEST(Resize, WhatCannotBeSeenColoursNothing) {
  const Image image{.width = 2, .height = 1, .channels = 4, .pixels = {200, 100, 50, 255, 0, 255, 0, 0}};
  EXPECT_THAT(resized(image, 1, 1).pixels, ElementsAre(testing::AnyOf(199, 200, 201), testing::AnyOf(99, 100, 101),
                                                       testing::AnyOf(49, 50, 51), 128));
}

TEST(Resize, CoverTakesTheMiddle) {
  EXPECT_THAT(resized_to_cover(grey(4, 2, {1, 2, 3, 4, 5, 6, 7, 8}), 2, 2).pixels, ElementsAre(2, 3, 6, 7));
  EXPECT_THAT(resized_to_cover(grey(1, 3, {1, 2, 3}), 1, 1).pixels, ElementsAre(2));
  const Image wide = resized_to_cover(gradient(10, 100, 1), 32, 16);
  EXPECT_EQ(wide.width, 32);
  EXPECT_EQ(wide.height, 16);
}

TEST(Resize, ExtentsMustBePositive) {
  EXPECT_THROW(resized(grey(1, 1, {0}), 0, 1), ShapeError);
  EXPECT_THROW(resized_to_cover(grey(1, 1, {0}), 1, -1), ShapeError);
  EXPECT_THROW(resized(grey(1, 1, {0}), int64_t(1) << 40, int64_t(1) << 40), ShapeError);
}

}  // namespace
}  // namespace figment
