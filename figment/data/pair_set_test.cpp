#include "figment/data/pair_set.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "figment/data/test_folder.h"
#include "figment/media/image.h"

namespace figment {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

Image noise(int64_t width, int64_t height, int64_t channels, uint64_t seed) {
  Image image{.width = width, .height = height, .channels = channels};
  for (int64_t i = 0; i < width * height * channels; ++i) image.pixels.push_back(uint8_t(mixed(seed, uint64_t(i))));
  return image;
}

Image beside(const Image& a, const Image& b) {
  Image both{.width = a.width + b.width, .height = a.height, .channels = a.channels};
  for (int64_t y = 0; y < a.height; ++y)
    for (const Image* image : {&a, &b}) {
      const auto row = image->pixels.begin() + y * image->width * image->channels;
      both.pixels.insert(both.pixels.end(), row, row + image->width * image->channels);
    }
  return both;
}

class PairSet : public FolderTest {
 protected:
  DataOptions pairs(PairLayout layout, PairDirection direction = PairDirection::kAtoB) const {
    DataOptions all = options();
    all.pairs = {.layout = layout, .direction = direction};
    return all;
  }
  void write_image(const std::string& name, const Image& image) { write(name, encode_png(image)); }
  static bool shows(const Tensor& x, const Image& image) {
    Tensor expected = torch::tensor(at::ArrayRef<uint8_t>(image.pixels)).reshape({image.height, image.width, -1});
    return ((x + 1) * 127.5).round().to(torch::kUInt8).permute({1, 2, 0}).equal(expected);
  }
};

TEST_F(PairSet, HalvesAreSourceAndTarget) {
  for (int i = 0; i < 3; ++i) {
    write_image(fmt::format("train/{}.png", i), beside(noise(6, 4, 3, 1), noise(6, 4, 3, 2)));
    write_image(fmt::format("test/{}.png", i), beside(noise(6, 4, 3, 3), noise(6, 4, 3, 4)));
  }
  const auto train = open_dataset(pairs(PairLayout::kHalves), Split::kTrain),
             back = open_dataset(pairs(PairLayout::kHalves, PairDirection::kBtoA), Split::kTest);
  EXPECT_EQ(train->spec().condition.kinds(), std::vector<std::string>{"image"});
  EXPECT_EQ(pixels(train->spec()).width, 6);
  const Batch a = read_all(*train), b = read_all(*back);
  EXPECT_TRUE(shows(a.condition.image[2], noise(6, 4, 3, 1)));
  EXPECT_TRUE(shows(a.x[2], noise(6, 4, 3, 2)));
  EXPECT_TRUE(shows(b.condition.image[0], noise(6, 4, 3, 4)));
  EXPECT_TRUE(shows(b.x[0], noise(6, 4, 3, 3)));
  const DataReport report = report_data(pairs(PairLayout::kHalves));
  EXPECT_EQ(report.kind, "pairs of pictures");
  EXPECT_EQ(report.train, 3);
  EXPECT_EQ(report.test, 3);
  EXPECT_THAT(report.sizes, ElementsAre(testing::Pair("6x4", 6)));
}

TEST_F(PairSet, FoldersArePairedByNameWhereverTheSplitStands) {
  for (const char* form : {"{1}{0}", "{0}/{1}", "{1}/{0}"}) {  // trainA/, A/train/, train/A/
    std::filesystem::remove_all(folder);
    for (const char* split : {"train", "test"})
      for (int i = 0; i < 3; ++i) {
        const auto side = [&](const char* name) { return fmt::format(fmt::runtime(form), name, split); };
        write_image(fmt::format("{}/{}.png", side("A"), i), noise(5, 4, 1, uint64_t(i)));
        write_image(fmt::format("{}/{}.png", side("B"), i), noise(5, 4, 3, uint64_t(10 + i)));
      }
    const auto train = open_dataset(pairs(PairLayout::kFolders), Split::kTrain);
    ASSERT_EQ(train->size(), 3) << form;
    EXPECT_FALSE(train->spec().condition.label());
    const Batch batch = read_all(*train);
    for (int64_t i = 0; i < 3; ++i) {
      EXPECT_TRUE(shows(batch.x[i], noise(5, 4, 3, uint64_t(10 + i)))) << form;
      EXPECT_TRUE(shows(batch.condition.image[i], noise(5, 4, 1, uint64_t(i)))) << form;
    }
    EXPECT_EQ(train->spec().condition.image->channels, 1) << "each side keeps its own channels";
    EXPECT_EQ(pixels(train->spec()).channels, 3);
  }
}

TEST_F(PairSet, BothDirectionsHaveTheSameSplits) {
  for (int i = 0; i < 60; ++i)
    for (const char* side : {"A", "B"}) write_image(fmt::format("{}/{}.png", side, i), noise(4, 4, 1, uint64_t(i)));
  DataOptions there = pairs(PairLayout::kFolders), back = pairs(PairLayout::kFolders, PairDirection::kBtoA);
  there.validation = back.validation = 5;
  for (const Split split : {Split::kTrain, Split::kValidation, Split::kTest}) {
    const Batch a = read_all(*open_dataset(there, split)), b = read_all(*open_dataset(back, split));
    EXPECT_TRUE(a.x.equal(b.condition.image));
    EXPECT_TRUE(a.condition.image.equal(b.x));
  }
}

TEST_F(PairSet, AnEqualPartnerStaysEqualUnderCropAndFlip) {
  for (int i = 0; i < 4; ++i) {
    write_image(fmt::format("train/A/{}.png", i), noise(12, 9, 3, uint64_t(i)));
    write_image(fmt::format("train/B/{}.png", i), noise(12, 9, 3, uint64_t(i)));
  }
  DataOptions augmented = pairs(PairLayout::kFolders);
  augmented.crop = 7;
  augmented.flip = true;
  const auto set = open_dataset(augmented, Split::kTrain);
  std::vector<Draw> draws;
  for (int i = 0; i < 1000; ++i) draws.push_back({.index = i % set->size(), .seed = uint64_t(i)});
  const Batch batch = set->read(draws);
  EXPECT_EQ(batch.x.sizes(), (std::vector<int64_t>{1000, 3, 7, 7}));
  EXPECT_TRUE(batch.x.equal(batch.condition.image));
  EXPECT_FALSE(batch.x[0].equal(batch.x[set->size()])) << "another seed, another crop";
}

TEST_F(PairSet, PartnersThatAreMissingOrDifferAreNamedAndCounted) {
  for (int i = 0; i < 8; ++i)
    for (const char* side : {"A", "B"}) write_image(fmt::format("train/{}/{}.png", side, i), noise(5, 4, 3, 1));
  write_image("train/A/lonely.png", noise(5, 4, 3, 1));
  write_image("train/B/alone.png", noise(5, 4, 3, 1));
  write_image("train/B/3.png", noise(4, 4, 3, 1));
  write("train/A/4.png", "no picture");
  write_image("train/A/5.jpg", noise(5, 4, 3, 1));
  const DataReport report = report_data(pairs(PairLayout::kFolders));
  EXPECT_EQ(report.train + report.validation + report.test, 6);
  const auto named = [&](const char* name, const char* reason) {
    EXPECT_THAT(report.skipped, Contains(testing::AllOf(Field(&SkippedFile::name, name),
                                                        Field(&SkippedFile::reason, HasSubstr(reason)))));
  };
  named("train/A/lonely.png", "has no partner of this name in B");
  named("train/B/alone.png", "has no partner of this name in A");
  named("train/B/3.png", "is 4 x 4, its partner train/A/3.png is 5 x 4");
  named("train/A/4.png", "is none of PNG, JPEG");
  EXPECT_EQ(report.skipped.size(), 5u);  // 5.png is the fifth: 5.jpg comes before it
  std::vector<SkippedFile> skipped;
  EXPECT_EQ(open_dataset(pairs(PairLayout::kFolders), Split::kTrain, nullptr, &skipped)->size(), report.train);
}

TEST_F(PairSet, APictureThatCannotBeReadDoesNotDropTheOneOfItsName) {
  for (int i = 0; i < 3; ++i)
    for (const char* side : {"A", "B"}) write_image(fmt::format("train/{}/{}.png", side, i), noise(5, 4, 3, 1));
  write("train/A/1.jpg", "junk, whose name comes before 1.png");
  const DataReport report = report_data(pairs(PairLayout::kFolders));
  EXPECT_EQ(report.train + report.test, 3);
  ASSERT_EQ(report.skipped.size(), 1u);
  EXPECT_EQ(report.skipped[0].name, "train/A/1.jpg");
  EXPECT_THAT(report.skipped[0].reason, HasSubstr("is none of PNG"));
}

TEST_F(PairSet, HalvesOfAnOddWidthAreSkipped) {
  for (int i = 0; i < 3; ++i) write_image(fmt::format("train/{}.png", i), noise(8, 4, 1, 1));
  write_image("train/odd.png", noise(7, 4, 1, 1));
  const DataReport report = report_data(pairs(PairLayout::kHalves));
  ASSERT_EQ(report.skipped.size(), 1u);
  EXPECT_THAT(report.skipped[0].reason, HasSubstr("is 7 pixels wide"));
}

TEST_F(PairSet, GivesTheSameWhetherItFitsIntoMemoryOrNot) {
  for (int i = 0; i < 5; ++i)
    write_image(fmt::format("train/{}.png", i), beside(noise(6, 4, 3, uint64_t(i)), noise(6, 4, 3, uint64_t(9 + i))));
  const PictureListing listing = pair_listing({.folder = folder}, pairs(PairLayout::kHalves));
  std::vector<SkippedFile> skipped;
  std::vector<std::string> notes;
  const auto open = [&](int64_t most) {
    return std::move(
        open_pictures(listing, options(), {Split::kTrain}, {.skipped = &skipped, .notes = &notes}, most).front());
  };
  const auto kept = open(1 << 20), decoded = open(10);
  EXPECT_EQ(kept->hash(), decoded->hash());
  const Batch a = read_all(*kept), b = read_all(*decoded);
  EXPECT_TRUE(a.x.equal(b.x));
  EXPECT_TRUE(a.condition.image.equal(b.condition.image));
}

TEST_F(PairSet, ConformToTheSpecOfARun) {
  for (int i = 0; i < 3; ++i) {
    write_image(fmt::format("train/{}.png", i), beside(noise(6, 4, 3, 1), noise(6, 4, 3, 2)));
    write_image(fmt::format("plain/train/{}.png", i), noise(6, 4, 3, 1));
  }
  DataSpec like{.x = PixelSpec{.channels = 1, .height = 8, .width = 8}};
  EXPECT_THAT(open_dataset(pairs(PairLayout::kHalves), Split::kTrain, &like)->spec().condition.kinds(), IsEmpty())
      << "a run without partners gets none";
  like.condition.image = PixelSpec{.channels = 3, .height = 8, .width = 8};
  EXPECT_EQ(to_json(open_dataset(pairs(PairLayout::kHalves), Split::kTrain, &like)->spec()), to_json(like));
  EXPECT_THAT([&] { open_dataset({.source = (folder / "plain").string()}, Split::kTrain, &like); },
              ThrowsMessage<DataError>(HasSubstr("the run's images come with image, these have none")));
}

TEST_F(PairSet, WhatMayBePairsIsSaidByTheReportOfAPlainFolder) {
  for (int i = 0; i < 4; ++i)
    for (const char* side : {"A", "B"}) write_image(fmt::format("{}/{}.png", side, i), noise(5, 4, 3, 1));
  EXPECT_EQ(open_dataset(options(), Split::kTrain)->spec().condition.label()->names,
            (std::vector<std::string>{"A", "B"}));
  EXPECT_THAT(
      report_data(options()).warnings,
      Contains(HasSubstr("A and B hold 4 images of the same name, read as single images; if they are pairs, set "
                         "data.pairs.layout=folders")));
  std::filesystem::remove_all(folder);
  for (int i = 0; i < 4; ++i) write_image(fmt::format("{}.png", i), noise(10, 5, 1, uint64_t(i)));
  EXPECT_THAT(report_data(options()).warnings,
              Contains(HasSubstr("4 images are twice as wide as high; if each is a pair side by side, set "
                                 "data.pairs.layout=halves")));
  EXPECT_THAT(report_data(pairs(PairLayout::kHalves)).warnings, IsEmpty());
}

TEST_F(PairSet, WithoutPairsIsRefused) {
  EXPECT_THAT([&] { open_dataset(pairs(PairLayout::kHalves), Split::kTrain); },
              ThrowsMessage<DataError>(HasSubstr(
                  "holds no images (PNG, JPEG, WebP, GIF, BMP and TIFF are read); leave data.pairs.layout at none")));
  write_image("a.png", noise(4, 4, 1, 1));
  EXPECT_THAT([&] { open_dataset(pairs(PairLayout::kFolders), Split::kTrain); },
              ThrowsMessage<DataError>(HasSubstr("holds no pairs; data.pairs.layout=folders needs folders A/ and B/")));
  DataOptions ring = pairs(PairLayout::kHalves);
  ring.source = "ring";
  EXPECT_THAT([&] { open_dataset(ring, Split::kTrain); },
              ThrowsMessage<DataError>(HasSubstr("'ring' holds no images")));
}

}  // namespace
}  // namespace figment
