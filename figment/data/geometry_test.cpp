#include "figment/data/geometry.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "figment/base/error.h"
#include "figment/tensor/images.h"

namespace figment {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr PixelSpec kPicture = {.channels = 2, .height = 5, .width = 7};
constexpr GeometryOptions kRandom = {.crop = 3, .random_crop = true, .flip = true};

TEST(Geometry, RandomCropsReachEveryPlaceEquallyOftenAndStayInside) {
  std::map<std::pair<int64_t, int64_t>, int> places;
  int mirrored = 0;
  for (uint64_t seed = 0; seed < 15000; ++seed) {
    const Geometry g = geometry_of(seed, kRandom, kPicture);
    ++places[{g.top, g.left}];
    mirrored += g.mirrored;
  }
  EXPECT_EQ(places.size(), 15u);  // 3 rows and 5 columns to begin at
  for (const auto& [place, count] : places) {
    EXPECT_TRUE(place.first >= 0 && place.first <= 2 && place.second >= 0 && place.second <= 4);
    EXPECT_NEAR(count, 1000, 130);  // four standard deviations
  }
  EXPECT_NEAR(mirrored, 7500, 250);
}

TEST(Geometry, WithoutRandomnessIsTheCentreForEverySeed) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const Geometry g = geometry_of(seed, {.crop = 3}, kPicture);
    EXPECT_EQ(std::tuple(g.top, g.left, g.height, g.width, g.mirrored), std::tuple(1, 2, 3, 3, false));
  }
}

TEST(Geometry, CropsAndFlipsAreForTrainingAlone) {
  DataOptions options;
  options.crop = 24;
  options.flip = true;
  EXPECT_EQ(described(geometry_options(options, Split::kTrain, true)), "random crop of 24, flip");
  for (const auto& [split, augmented] :
       {std::pair(Split::kValidation, true), std::pair(Split::kTest, true), std::pair(Split::kTrain, false)}) {
    const GeometryOptions geometry = geometry_options(options, split, augmented);
    EXPECT_EQ(described(geometry), "");
    EXPECT_EQ(geometry.crop, 24);
  }
}

TEST(Geometry, CropLargerThanThePictureIsRefused) {
  EXPECT_THAT([] { cropped(kPicture, {.crop = 6}); },
              ThrowsMessage<ConfigError>(HasSubstr("data.crop must be at most the size of the images, 7 x 5, got 6")));
  EXPECT_EQ(cropped(kPicture, {.crop = 5}).width, 5);
}

TEST(CopyShown, IsTheCropOfTheWholePictureMirroredAfterwards) {
  const torch::Tensor picture = torch::arange(70).to(torch::kUInt8).reshape({2, 5, 7});
  const Geometry g{.top = 1, .left = 2, .height = 3, .width = 4, .mirrored = true};
  torch::Tensor out = torch::empty({2, 3, 4});
  copy_shown(picture.const_data_ptr<uint8_t>(), kPicture, g, out.data_ptr<float>());
  const torch::Tensor expected = from_bytes(picture).narrow(1, 1, 3).narrow(2, 2, 4).flip(2);
  EXPECT_TRUE(out.equal(expected));
}

/// A pixel painted at a box stays in it: the box that is shown covers exactly the painted pixels that are left.
TEST(ShownBox, CoversThePixelsThatThePictureShows) {
  constexpr PixelSpec kSquare = {.channels = 1, .height = 20, .width = 16};
  int dropped = 0;
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    const int64_t left = int64_t(seed % 12), top = int64_t(seed / 12 % 16), width = 1 + int64_t(seed % 4),
                  height = 1 + int64_t(seed % 3);
    torch::Tensor picture = torch::zeros({1, 20, 16}, torch::kUInt8);
    picture.narrow(1, top, height).narrow(2, left, width).fill_(255);
    const Geometry g = geometry_of(seed, {.crop = 9, .random_crop = true, .flip = true}, kSquare);
    torch::Tensor out = torch::empty({1, 9, 9});
    copy_shown(picture.const_data_ptr<uint8_t>(), kSquare, g, out.data_ptr<float>());
    const auto box = shown({float(left) / 16, float(top) / 20, float(width) / 16, float(height) / 20}, kSquare, g);
    const int64_t painted = out.gt(0).sum().item<int64_t>();
    ASSERT_EQ(box.has_value(), painted > 0) << seed;
    dropped += !box;
    if (!box) continue;
    const auto pixel = [](float share) { return std::lround(share * 9); };
    EXPECT_EQ(out.narrow(1, pixel(box->top), pixel(box->height))
                  .narrow(2, pixel(box->left), pixel(box->width))
                  .gt(0)
                  .sum()
                  .item<int64_t>(),
              painted)
        << seed;
    EXPECT_EQ(pixel(box->height) * pixel(box->width), painted) << seed;
  }
  EXPECT_GT(dropped, 50);
}

TEST(ShownBox, OfTheWholePictureIsUnchanged) {
  const Box box{.left = 0.1f, .top = 0.7f, .width = 0.3f, .height = 0.3f};
  const auto same = shown(box, kPicture, {.height = 5, .width = 7});
  ASSERT_TRUE(same);
  EXPECT_EQ(same->left, box.left);
  EXPECT_EQ(same->top, box.top);
  EXPECT_EQ(same->width, box.width);
  EXPECT_FLOAT_EQ(same->height, box.height);
}

}  // namespace
}  // namespace figment
