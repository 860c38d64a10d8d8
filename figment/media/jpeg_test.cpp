#include <gmock/gmock.h>

#include <cmath>

#include "figment/base/error.h"
#include "figment/media/awkward_test_corpus.h"
#include "figment/media/image.h"

namespace figment {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

std::vector<unsigned char> repeated(std::initializer_list<unsigned char> pixel, int count) {
  std::vector<unsigned char> all;
  for (int i = 0; i < count; ++i) all.insert(all.end(), pixel);
  return all;
}

void expect_colour(const Image& image, std::vector<int> colour) {
  ASSERT_EQ(image.channels, int64_t(colour.size()));
  for (size_t i = 0; i < image.pixels.size(); ++i) EXPECT_NEAR(image.pixels[i], colour[i % colour.size()], 2);
}

TEST(Jpeg, GreyStaysOneChannel) {
  const std::string bytes = make_jpeg({.width = 9, .height = 5, .channels = 1, .pixels = repeated({77}, 45)});
  const ImageInfo info = image_info(bytes, "x");
  const Image image = decode_image(bytes, "x");
  EXPECT_EQ(image.width, 9);
  EXPECT_EQ(image.height, 5);
  EXPECT_EQ(info.format, "jpeg");
  EXPECT_EQ(info.mode, "grey");
  EXPECT_EQ(info.bits, 8);
  expect_colour(image, {77});
}

TEST(Jpeg, ColoursAreRight) {
  for (const bool progressive : {false, true})
    expect_colour(
        decode_image(
            make_jpeg({.width = 16, .height = 16, .pixels = repeated({200, 30, 90}, 256), .progressive = progressive}),
            "x"),
        {200, 30, 90});
}

TEST(Jpeg, CmykUnderAdobesMarkerIsInverted) {  // stored: 255 less the ink
  expect_colour(
      decode_image(make_jpeg({.width = 8, .height = 8, .channels = 4, .pixels = repeated({255, 255, 255, 255}, 64)}),
                   "x"),
      {255, 255, 255});
  expect_colour(
      decode_image(make_jpeg({.width = 8, .height = 8, .channels = 4, .pixels = repeated({200, 100, 50, 255}, 64)}),
                   "x"),
      {200, 100, 50});
  expect_colour(
      decode_image(make_jpeg({.width = 8, .height = 8, .channels = 4, .pixels = repeated({200, 100, 50, 51}, 64)}),
                   "x"),
      {40, 20, 10});
}

TEST(Jpeg, AdobesMarkerMayStandBehindTheFrameHeader) {
  std::string bytes = make_jpeg({.width = 8, .height = 8, .channels = 4, .pixels = repeated({200, 100, 50, 255}, 64)});
  const size_t marker = bytes.find("\xff\xee");
  const std::string segment = bytes.substr(marker, 16);
  bytes.erase(marker, segment.size());
  bytes.insert(bytes.find("\xff\xda"), segment);
  expect_colour(decode_image(bytes, "x"), {200, 100, 50});
}

TEST(Jpeg, CmykWithoutAdobesMarkerIsInk) {
  std::string bytes = make_jpeg({.width = 8, .height = 8, .channels = 4, .pixels = repeated({0, 128, 128, 0}, 64)});
  const size_t marker = bytes.find("\xff\xee");
  ASSERT_NE(marker, std::string::npos);
  bytes.erase(marker,
              16);  // without it libjpeg takes the four components as they are stored: here (Y Cb Cr K) = (90 …)
  const Image image = decode_image(bytes, "x");
  EXPECT_EQ(image.channels, 3);
  const Image marked =
      decode_image(make_jpeg({.width = 8, .height = 8, .channels = 4, .pixels = repeated({0, 128, 128, 0}, 64)}), "x");
  EXPECT_GT(image.pixels[0], marked.pixels[0]);  // no black ink against all of it
}

TEST(Jpeg, ReducedWhileDecodingItCoversTwiceWhatIsWantedAndLooksTheSame) {
  std::vector<unsigned char> pixels;
  for (int y = 0; y < 200; ++y)
    for (int x = 0; x < 400; ++x)
      for (const double period : {37.0, 53.0, 71.0})
        pixels.push_back(static_cast<unsigned char>(127 + 60 * std::sin(x / period) + 60 * std::cos(y / period)));
  const std::string bytes = make_jpeg({.width = 400, .height = 200, .pixels = pixels});
  const Image whole = decode_image(bytes, "x");
  EXPECT_EQ(whole.width, 400);
  for (const auto& [wanted, width, height] :
       {std::tuple(51, 400, 200), std::tuple(50, 200, 100), std::tuple(25, 100, 50), std::tuple(12, 50, 25)}) {
    const Image reduced = decode_image(bytes, "x", {.width = wanted, .height = wanted});
    EXPECT_EQ(reduced.width, width) << wanted;
    EXPECT_EQ(reduced.height, height) << wanted;
    const Image expected = resized_to_cover(whole, wanted, wanted), got = resized_to_cover(reduced, wanted, wanted);
    for (size_t i = 0; i < expected.pixels.size(); ++i) EXPECT_NEAR(got.pixels[i], expected.pixels[i], 3) << wanted;
  }
}

TEST(Jpeg, EveryTruncationIsAnError) {
  std::vector<unsigned char> pixels;
  for (int i = 0; i < 32 * 32 * 3; ++i) pixels.push_back(static_cast<unsigned char>(i * 7919 >> 4));
  for (const bool progressive : {false, true}) {
    const std::string bytes = make_jpeg({.width = 32, .height = 32, .pixels = pixels, .progressive = progressive});
    EXPECT_NO_THROW(decode_image(bytes, "x.jpg"));
    for (size_t size = 0; size < bytes.size(); ++size)
      EXPECT_THROW(decode_image(bytes.substr(0, size), "x.jpg"), DataError) << size;
  }
}

TEST(Jpeg, TruncationIsASentence) {
  const std::string bytes = make_jpeg({.width = 64, .height = 64, .channels = 1, .pixels = repeated({1}, 4096)});
  EXPECT_THAT([&] { decode_image(bytes.substr(0, bytes.size() - 20), "x.jpg"); },
              ThrowsMessage<DataError>(
                  testing::AllOf(testing::StartsWith("x.jpg: the file is damaged or truncated: "), HasSubstr("end"))));
}

TEST(Jpeg, OtherPrecisionsAndComponentsAreNamed) {
  std::string bytes = make_jpeg({.width = 8, .height = 8, .channels = 1, .pixels = repeated({1}, 64)});
  const size_t frame = bytes.find("\xff\xc0");
  bytes[frame + 4] = 12;
  EXPECT_THAT([&] { decode_image(bytes, "x.jpg"); }, ThrowsMessage<DataError>(HasSubstr("12 bits")));
  bytes[frame + 9] = 2;
  EXPECT_THAT([&] { image_info(bytes, "x.jpg"); }, ThrowsMessage<DataError>(HasSubstr("2 components")));
}

}  // namespace
}  // namespace figment
