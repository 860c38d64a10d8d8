#include "figment/data/column_set.h"  // column.cpp is tested here too

#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "figment/tensor/images.h"

namespace figment {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;
using Columns = std::vector<std::shared_ptr<const Column>>;
constexpr auto kX = PixelColumn::Place::kX, kImage = PixelColumn::Place::kImage;
constexpr GeometryOptions kRandom = {.crop = 6, .random_crop = true, .flip = true};

Tensor bytes(std::vector<int64_t> extents) { return torch::randint(0, 256, extents).to(torch::kUInt8); }

std::vector<Draw> draws_of(int64_t size, int count) {
  std::vector<Draw> draws;
  for (int i = 0; i < count; ++i) draws.push_back({.index = i % size, .seed = uint64_t(i)});
  return draws;
}

/// A kind that figment does not know: two tensors, one padded with its mask.
ConditionSpec with_gestures(ConditionSpec spec = {}) {
  spec.others["gesture"] = {.tensors = {"mask", "path"}};
  return spec;
}
Condition gestures(int64_t count) {
  Condition condition;
  condition.others["gesture"] = {{"path", torch::rand({count, 5, 2})}, {"mask", torch::rand({count, 5}).gt(0.5)}};
  return condition;
}

TEST(ColumnSet, APictureAndItsPartnerNeverDriftApart) {
  const Tensor same = bytes({10, 3, 8, 9});
  DataSpec spec{.x = PixelSpec{.channels = 3, .height = 8, .width = 9}};
  spec.condition.image = std::get<PixelSpec>(spec.x);
  const ColumnSet set(spec, {std::make_shared<PixelColumn>(kX, same), std::make_shared<PixelColumn>(kImage, same)},
                      all_rows(10), kRandom);
  const Batch batch = set.read(draws_of(10, 1000));
  ASSERT_EQ(batch.x.sizes(), (std::vector<int64_t>{1000, 3, 6, 6}));
  EXPECT_TRUE(batch.x.equal(batch.condition.image));
  EXPECT_EQ(pixels(set.spec()).height, 6);
  EXPECT_EQ(set.spec().condition.image->width, 6);
}

TEST(ColumnSet, BoxesFollowThePicture) {
  Tensor picture = torch::zeros({1, 1, 8, 9}, torch::kUInt8);
  picture[0][0][2][7] = 255;
  DataSpec spec{.x = PixelSpec{.channels = 1, .height = 8, .width = 9}};
  spec.condition.layout = LayoutSpec{.names = {"dot", "none"}, .max_objects = 2};
  const Layout layout{.box = torch::tensor({7.f / 9, 2.f / 8, 1.f / 9, 1.f / 8, 0.f, 0.f, 1.f, 1.f}).reshape({1, 2, 4}),
                      .label = torch::tensor({{int64_t(0), int64_t(1)}}),
                      .mask = torch::tensor({true, false}).unsqueeze(0)};
  const ColumnSet set(
      spec,
      {std::make_shared<PixelColumn>(kX, picture), std::make_shared<BoxColumn>(layout, std::get<PixelSpec>(spec.x))},
      all_rows(1), kRandom);
  const Batch batch = set.read(draws_of(1, 1000));
  int left = 0;
  for (int64_t i = 0; i < 1000; ++i) {
    const Tensor box = batch.condition.layout.box[i][0], x = batch.x[i][0];
    const bool there = batch.condition.layout.mask[i][0].item<bool>();
    ASSERT_EQ(there, x.gt(0).any().item<bool>());
    EXPECT_FALSE(batch.condition.layout.mask[i][1].item<bool>()) << "what was masked stays masked";
    if (!there) {
      EXPECT_TRUE(box.eq(0).all().item<bool>());
      continue;
    }
    ++left;
    const auto column = std::lround(box[0].item<float>() * 6), row = std::lround(box[1].item<float>() * 6);
    EXPECT_GT(x[row][column].item<float>(), 0);
  }
  EXPECT_GT(left, 100);
  EXPECT_LT(left, 1000);
}

TEST(ColumnSet, EveryKindOfConditionArrivesUnchangedAndOnce) {
  Batch stored{.x = torch::rand({6, 2}), .condition = gestures(6)};
  stored.condition.labels = {torch::randint(0, 3, {6}), torch::randint(0, 2, {6})};
  stored.condition.embedding = {.value = torch::rand({6, 4, 8}), .mask = torch::rand({6, 4}).gt(0.5)};
  stored.condition.codes = {torch::randint(0, 9, {6, 2, 2}).to(torch::kInt32)};
  DataSpec spec{.x = PointSpec{}, .condition = with_gestures()};
  spec.condition.labels = {{.name = "class", .names = {"a", "b", "c"}}, {.name = "colour", .names = {"red", "blue"}}};
  spec.condition.embedding = EmbeddingSpec{.size = 8, .max_tokens = 4};
  spec.condition.codes = {{.num_codes = 9, .height = 2, .width = 2}};
  const ColumnSet set(spec, {std::make_shared<RowsColumn>(stored)}, {5, 0, 3});
  const Batch batch = set.read(std::vector<Draw>{{2, 0}, {0, 0}});
  const Tensor rows = torch::tensor({int64_t(3), int64_t(5)});
  EXPECT_TRUE(batch.x.equal(stored.x.index_select(0, rows)));
  int64_t tensors = 0;
  std::map<std::string, Tensor> expected;
  each_tensor(stored.condition, [&](const std::string& name, const Tensor& t) { expected[name] = t; });
  each_tensor(batch.condition, [&](const std::string& name, const Tensor& t) {
    if (!t.defined()) return;
    ++tensors;
    EXPECT_TRUE(t.equal(expected.at(name).index_select(0, rows).to(t.scalar_type()))) << name;
  });
  EXPECT_EQ(tensors, 7);
  EXPECT_EQ(batch.condition.codes[0].scalar_type(), torch::kInt64);
}

TEST(ColumnSet, HashIsOfTheDataAndAugmentationOfWhatTheSeedsChange) {
  const auto column = std::make_shared<PixelColumn>(kX, bytes({4, 1, 8, 8}));
  const DataSpec spec{.x = PixelSpec{.channels = 1, .height = 8, .width = 8}};
  const auto hash = [&](std::vector<int64_t> rows, GeometryOptions options) {
    return ColumnSet(spec, {column}, std::move(rows), options).hash();
  };
  const std::string plain = hash(all_rows(4), {});
  EXPECT_EQ(hash(all_rows(4), {.flip = true}), plain);
  EXPECT_EQ(hash(all_rows(4), {.crop = 6}), hash(all_rows(4), kRandom));
  EXPECT_NE(hash(all_rows(4), {.crop = 6}), plain) << "a network of whole pictures is not one of crops";
  EXPECT_NE(hash({0, 1, 3, 2}, {}), plain);
  EXPECT_NE(hash({0, 1, 2}, {}), plain);
  EXPECT_EQ(ColumnSet(spec, {column}, all_rows(4)).augmentation(), "");
  EXPECT_EQ(ColumnSet(spec, {column}, all_rows(4), kRandom).augmentation(), "random crop of 6, flip");
}

TEST(ColumnSet, HashChangesWithEachTensorOfACondition) {
  const Batch stored{.x = torch::rand({3, 2}), .condition = gestures(3)};
  const DataSpec spec{.x = PointSpec{}, .condition = with_gestures()};
  const auto hash = [&](const Batch& batch) {
    return ColumnSet(spec, {std::make_shared<RowsColumn>(batch)}, all_rows(3)).hash();
  };
  const std::string before = hash(stored);
  Batch other = map(stored, [](const Tensor& t) { return t.clone(); });
  EXPECT_EQ(hash(other), before);
  other.condition.others["gesture"]["mask"][1].logical_not_();
  EXPECT_NE(hash(other), before);
}

TEST(PixelColumn, GivesTheSameWhetherHeldOrDecoded) {
  const Tensor held = bytes({5, 2, 7, 8});
  const DataSpec spec{.x = PixelSpec{.channels = 2, .height = 7, .width = 8}};
  const auto picture = [&](int64_t row) {
    return std::string_view(reinterpret_cast<const char*>(held.const_data_ptr<uint8_t>()) + row * 112, 112);
  };
  const auto hash = [&](int64_t row) { return hash_of(picture(row)); };
  const auto decode = [&](int64_t row, uint8_t* to) { std::memcpy(to, picture(row).data(), 112); };
  const ColumnSet a(spec, {std::make_shared<PixelColumn>(kX, held)}, {4, 1, 2}, kRandom),
      b(spec, {std::make_shared<PixelColumn>(kX, std::get<PixelSpec>(spec.x), decode, hash)}, {4, 1, 2}, kRandom);
  EXPECT_TRUE(a.read(draws_of(3, 50)).x.equal(b.read(draws_of(3, 50)).x));
  EXPECT_EQ(a.hash(), b.hash());
}

TEST(ColumnSet, RefusesAnIndexThatItHasNot) {
  const DataSpec spec{.x = PixelSpec{.channels = 1, .height = 4, .width = 4}};
  const ColumnSet set(spec, {std::make_shared<PixelColumn>(kX, bytes({9, 1, 4, 4}))}, {3, 8});
  EXPECT_EQ(set.size(), 2);
  EXPECT_EQ(set.read({}).x.size(0), 0);
  EXPECT_THAT([&] { set.read(std::vector<Draw>{{2, 0}}); },
              ThrowsMessage<DataError>(HasSubstr("index must be in [0, 2), got 2")));
}

/// As a colour picture of 8 x 9 is, of a grey drawing of 2 x 3.
DataSpec with_a_smaller_condition() {
  DataSpec spec{.x = PixelSpec{.channels = 3, .height = 8, .width = 9}};
  spec.condition.image = PixelSpec{.channels = 1, .height = 2, .width = 3};
  return spec;
}

TEST(ColumnSet, AConditionOfAnotherSizeIsShownWholeAndMirroredWithThePicture) {
  const Tensor picture = bytes({1, 3, 8, 9}), drawing = bytes({1, 1, 2, 3});
  const ColumnSet set(with_a_smaller_condition(),
                      {std::make_shared<PixelColumn>(kX, picture), std::make_shared<PixelColumn>(kImage, drawing)},
                      all_rows(1), {.flip = true});
  const auto values = [](const Tensor& b) { return b[0].to(torch::kFloat) / 127.5 - 1; };
  int mirrored = 0;
  for (const Draw& draw : draws_of(1, 40)) {
    const Batch batch = set.read(std::vector{draw});
    const bool flipped = !torch::allclose(batch.x[0], values(picture), 1e-5, 1e-6);
    mirrored += flipped;
    EXPECT_TRUE(torch::allclose(batch.condition.image[0], values(flipped ? drawing.flip(3) : drawing), 1e-5, 1e-6));
  }
  EXPECT_GT(mirrored, 5);
  EXPECT_LT(mirrored, 35);
}

TEST(ColumnSet, RefusesToCropAPictureAndAConditionOfAnotherSize) {
  EXPECT_THAT([] { ColumnSet(with_a_smaller_condition(), {}, all_rows(1), {.crop = 2}); },
              ThrowsMessage<ConfigError>(HasSubstr("a picture of 9 x 8 and its condition of 3 x 2 cannot be cropped")));
}

}  // namespace
}  // namespace figment
