// Folders of pictures as they are met: other formats, mixed sizes, small ranges, runs within the data.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <png.h>

#include "figment/base/error.h"
#include "figment/data/image_folder.h"
#include "figment/data/test_folder.h"
#include "figment/media/awkward_test_corpus.h"
#include "figment/media/formats_test_corpus.h"
#include "figment/media/image.h"

namespace figment {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::ThrowsMessage;

class PictureFolder : public FolderTest {
 protected:
  static Image noise(int64_t width, int64_t height, uint64_t seed, int64_t most = 255) {
    Image image{.width = width, .height = height, .channels = 1};
    for (int64_t i = 0; i < width * height; ++i)
      image.pixels.push_back(uint8_t(mixed(seed, uint64_t(i)) % uint64_t(most + 1)));
    return image;
  }
  void write_noise(const std::string& name, int64_t width, int64_t height, uint64_t seed, int64_t most = 255) {
    write(name, encode_png(noise(width, height, seed, most)));
  }
  /// What opening the training part says.
  std::vector<std::string> notes(const DataOptions& some) {
    std::vector<std::string> said;
    open_datasets(some, {Split::kTrain, Split::kValidation}, {.notes = &said});
    return said;
  }
};

TEST_F(PictureFolder, EveryFormatIsTrainedOn) {
  const TestPixels picture{.width = 4, .height = 4, .pixels = std::vector<unsigned char>(48, 99)};
  write("train/1.webp", make_webp(picture));
  write("train/2.BMP", make_bmp(picture));
  write("train/3.tiff", make_tiff({.width = 4, .height = 4, .rows = picture.pixels}));
  write("train/4.gif",
        make_gif(
            {.width = 4, .height = 4, .palette = {1, 2, 3, 99, 99, 99}, .indices = std::vector<unsigned char>(16, 1)}));
  write("train/5.heic", "x");
  write_noise("test/a.png", 4, 4, 1);
  const auto set = open_dataset(options(), Split::kTrain);
  EXPECT_EQ(set->size(), 4);
  EXPECT_TRUE(read_all(*set).x.eq((99 - 127.5f) / 127.5f).all().item<bool>());
  EXPECT_THAT(notes(options()), Contains(HasSubstr("1 file not read: HEIC; heif-convert")));
  EXPECT_THAT(notes(options()), Contains("3 images are the same as another one, pixel by pixel"));
}

TEST_F(PictureFolder, OfUnreadFormatsAloneSaysWhatIsThere) {
  write("a.heic", "x");
  write("b.heic", "x");
  EXPECT_THAT([&] { open_dataset(options(), Split::kTrain); },
              ThrowsMessage<DataError>(HasSubstr("2 files not read: HEIC; heif-convert")));
}

TEST_F(PictureFolder, TurnedPicturesAreSeenUpright) {
  Image wide = noise(6, 4, 1);
  for (int i = 0; i < 3; ++i) write(fmt::format("train/{}.png", i), png_with_exif(encode_png(wide), exif_block(6)));
  write_noise("test/a.png", 4, 6, 1);
  const auto set = open_dataset(options(), Split::kTrain);
  EXPECT_EQ(pixels(set->spec()).width, 4);
  EXPECT_EQ(pixels(set->spec()).height, 6);
  EXPECT_THAT(report_data(options()).sizes, ElementsAre(testing::Pair("4x6", 4)));
}

TEST_F(PictureFolder, OfManySizesGetsASquareThatHalfOfThemReachAndSaysSo) {
  for (int i = 0; i < 9; ++i) write_noise(fmt::format("train/{}.png", i), 30 + i, 40 - i, uint64_t(i));
  write_noise("test/a.png", 4, 4, 1);
  EXPECT_EQ(pixels(open_dataset(options(), Split::kTrain)->spec()).width, 32);
  EXPECT_EQ(pixels(open_dataset(options(), Split::kTrain)->spec()).height, 32);
  EXPECT_THAT(notes(options()),
              Contains(AllOf(HasSubstr("9 sizes"), HasSubstr("brought to 32 x 32"), HasSubstr("data.size"))));
  EXPECT_THAT(report_data(options()).warnings, Contains(HasSubstr("brought to 32 x 32")));
  DataOptions sized = options();
  sized.size = 16;
  EXPECT_THAT(notes(sized), Not(Contains(HasSubstr("brought to"))));
  for (int i = 0; i < 9; ++i) write_noise(fmt::format("train/{}.png", i), 300 + i, 400, uint64_t(i));
  EXPECT_EQ(pixels(open_dataset(options(), Split::kTrain)->spec()).width, 64) << "and no more than 64";
}

TEST_F(PictureFolder, OfLargePicturesGetsASquareToo) {
  for (int i = 0; i < 3; ++i) write_noise(fmt::format("train/{}.png", i), 600, 400, uint64_t(i));
  write_noise("test/a.png", 4, 4, 1);
  EXPECT_EQ(pixels(open_dataset(options(), Split::kTrain)->spec()).width, 64);
  EXPECT_THAT(notes(options()),
              Contains(HasSubstr("most images are 600 x 400, larger than 512: all are brought to 64")));
  DataOptions cropped = options();
  cropped.crop = 128;
  EXPECT_EQ(pixels(open_dataset(cropped, Split::kTrain)->spec()).width, 128) << "cut out of them as they are";
  EXPECT_THAT(notes(cropped), Not(Contains(HasSubstr("brought to"))));
}

TEST(PictureSize, WhatDoesNotFitIntoMemoryIsKnownWithTheSetting) {
  const std::vector<PixelSpec> photos = {{.channels = 3, .height = 4000, .width = 6000}};
  EXPECT_THAT(memory_fault(photos, {}, 79, int64_t(8e9)).value_or(""),
              AllOf(HasSubstr("79 images of 6000 x 4000"), HasSubstr("22.8 GB"),
                    HasSubstr("half of the free memory, 8.0 GB"), HasSubstr("data.size")));
  EXPECT_FALSE(memory_fault(photos, {}, 79, int64_t(23e9)));
  EXPECT_FALSE(memory_fault(photos, {.crop = 64}, 1000000, int64_t(1e8))) << "crops are what is read";
  EXPECT_FALSE(memory_fault({{.height = 64, .width = 64}}, {}, 1000000, int64_t(1e8)))
      << "no more than a training reads at once";
}

TEST_F(PictureFolder, OfHugePicturesIsRefusedBeforeAnythingIsDecoded) {
  for (int i = 0; i < 1024; ++i) write(fmt::format("train/{}.png", i), "is not looked at");
  write_noise("test/a.png", 4, 4, 1);
  DataOptions huge = options();
  huge.size = 4096;
  huge.channels = 3;  // 206 GB as numbers
  EXPECT_THAT([&] { open_dataset(huge, Split::kTrain); },
              ThrowsMessage<DataError>(AllOf(HasSubstr("1,024 images of 4096 x 4096"), HasSubstr("data.size"))));
}

TEST_F(PictureFolder, ValuesThatFillASmallPartOfTheRangeAreSaidAndStretched) {
  for (int i = 0; i < 4; ++i) {
    TestPng deep{.width = 4, .height = 4, .colour_type = PNG_COLOR_TYPE_GRAY, .bits = 16};
    for (int k = 0; k < 16; ++k) {
      const int value = k * 260 + i;
      deep.rows.insert(deep.rows.end(), {static_cast<unsigned char>(value >> 8), static_cast<unsigned char>(value)});
    }
    write(fmt::format("train/{}.png", i), make_png(deep));
  }
  write_noise("test/a.png", 4, 4, 1);
  EXPECT_THAT(notes(options()),
              Contains(AllOf(HasSubstr("between 0 and 3,903 of 65,535"), HasSubstr("set data.range=[0, 4095]"))));
  EXPECT_LT(read_all(*open_dataset(options(), Split::kTrain)).x.max().item<float>(), -0.8);
  DataOptions ranged = options();
  ranged.range = {0, 4095};
  EXPECT_NEAR(read_all(*open_dataset(ranged, Split::kTrain)).x.max().item<float>(), 3903 / 4095. * 2 - 1, 0.01);
  EXPECT_THAT(notes(ranged), Not(Contains(HasSubstr("data.range"))));
  ranged.range = {7};
  EXPECT_THAT([&] { open_dataset(ranged, Split::kTrain); },
              ThrowsMessage<ConfigError>(HasSubstr("data.range must be two numbers")));
}

TEST_F(PictureFolder, MasksOfZerosAndOnesAreSaid) {
  for (int i = 0; i < 4; ++i) write_noise(fmt::format("train/{}.png", i), 4, 4, uint64_t(i), 1);
  EXPECT_THAT(notes(options()), Contains(HasSubstr("set data.range=[0, 1]")));
}

TEST_F(PictureFolder, BlankAndRepeatedPicturesAndThoseOfBothPartsAreCounted) {
  for (int i = 0; i < 4; ++i) write_noise(fmt::format("train/{}.png", i), 4, 4, uint64_t(i));
  write_noise("test/a.png", 4, 4, 3);
  write("train/blank.png", encode_png({.width = 4, .height = 4, .channels = 1, .pixels = std::vector<uint8_t>(16, 9)}));
  const auto warnings = report_data(options()).warnings;
  EXPECT_THAT(warnings, Contains("1 image is blank: all its pixels are the same"));
  EXPECT_THAT(warnings, Contains("1 image is the same as another one, pixel by pixel"));
  EXPECT_THAT(warnings, Contains(HasSubstr("1 test image is also among those for training")));
}

/// A classless folder, one with classes, and one of which the model must know the class.
TEST_F(PictureFolder, TakenWholeHasValidationPicturesAndThoseBesideTheClasses) {
  for (int i = 0; i < 20; ++i)
    write_noise(fmt::format("train/{}/{:02}.png", i % 2 ? "cat" : "dog", i), 4, 4, uint64_t(i));
  write_noise("test/cat/a.png", 4, 4, 50);
  write_noise("val/emu/b.png", 4, 4, 51);
  const auto names = [](const Dataset& set) {
    std::vector<std::string> all;
    for (int64_t i = 0; i < set.size(); ++i) all.push_back(set.name(i));
    return all;
  };
  std::vector<std::string> said;
  const Opening any{.may_lack_classes = true, .notes = &said};
  const auto whole = std::move(open_datasets(options(), {Split::kAll}, any).front());
  EXPECT_EQ(whole->size(), 22);
  EXPECT_THAT(whole->spec().condition.label()->names, ElementsAre("cat", "dog", "emu"));
  EXPECT_EQ(labels_of(*whole).back(), 2) << "val/emu/b.png";
  EXPECT_THAT(said, Not(Contains(HasSubstr("not used")))) << "they are";
  EXPECT_THAT(open_dataset(options(), Split::kTrain)->spec().condition.label()->names, ElementsAre("cat", "dog"));

  write_noise("cover.png", 4, 4, 52);
  const auto unclassed = std::move(open_datasets(options(), {Split::kAll}, any).front());
  EXPECT_THAT(names(*unclassed), Contains("cover.png"));
  EXPECT_EQ(unclassed->size(), 23);
  EXPECT_FALSE(unclassed->spec().condition.label());
  EXPECT_THAT(said,
              Contains("the images are taken without classes, since 1 image lies in no folder of one: cover.png"));
  said.clear();
  const auto classed = std::move(open_datasets(options(), {Split::kAll}, {.notes = &said}).front());
  EXPECT_EQ(classed->size(), 22);
  EXPECT_THAT(said, Contains("1 image is left out, since it lies in no folder of a class: cover.png"));
}

TEST_F(PictureFolder, WhatIsLeftOutIsSaidOfTheTestPartToo) {
  for (int i = 0; i < 4; ++i) write_noise(fmt::format("train/{}.png", i), 4, 4, uint64_t(i));
  write_noise("test/a.png", 4, 4, 5);
  write("train/b.heic", "x");
  std::filesystem::create_symlink(folder / "nothing", folder / "train/c.png");
  std::vector<std::string> said;
  open_datasets(options(), {Split::kTest}, {.notes = &said});
  EXPECT_THAT(said, Contains(HasSubstr("1 file not read: HEIC; heif-convert")));
  EXPECT_THAT(said, Contains(HasSubstr("1 file of the folder cannot be used, the first is train/c.png: ")));
}

TEST_F(PictureFolder, ATrainingIsToldWhatTheReportKnows) {
  for (int i = 0; i < 19; ++i) write_noise(fmt::format("train/a/{:02}.png", i), 8, 4, uint64_t(i));
  write_noise("train/b/1.png", 4, 4, 30);
  write_noise("test/a/x.png", 8, 4, 3);
  std::vector<std::string> said;
  open_datasets(options(), {Split::kTrain, Split::kValidation, Split::kTest}, {.notes = &said});
  const auto warnings = report_data(options()).warnings;
  for (const char* sentence :
       {"the images have different sizes, most often 8x4; all are resized and cropped to one size",
        "20 images are twice as wide as high; if each is a pair side by side, set data.pairs.layout=halves",
        "class 'a' holds 20 of 21 images",
        "1 test image is also among those for training; so figures on the test images look better than they are"}) {
    EXPECT_THAT(said, Contains(sentence));
    EXPECT_THAT(warnings, Contains(sentence));
  }
}

TEST_F(PictureFolder, RunsWithinItAreNoData) {
  for (int i = 0; i < 4; ++i) write_noise(fmt::format("train/{}.png", i), 4, 4, uint64_t(i));
  write_noise("test/a.png", 4, 4, 5);
  write_noise("runs/0001-vae/samples/1.png", 4, 4, 9);
  write("runs/0001-vae/manifest.json", "{}");
  write("runs/0001-vae/recipe.toml", "");
  EXPECT_EQ(open_dataset(options(), Split::kTrain)->size(), 4);
  EXPECT_THAT(notes(options()),
              Contains(HasSubstr("1 folder left out, since the pictures of runs are no data: runs/0001-vae")));
}

TEST_F(PictureFolder, OpeningTellsHowFarItIsAndCanBeCancelled) {
  for (int i = 0; i < 50; ++i) write_noise(fmt::format("train/{}.png", i), 8, 8 + i % 5, uint64_t(i));
  std::vector<double> shares;
  const auto listen = [&](double share) { return shares.push_back(share), true; };
  report_data(options(), listen);
  ASSERT_FALSE(shares.empty());
  EXPECT_TRUE(std::ranges::is_sorted(shares));
  EXPECT_GE(shares.front(), 0);
  EXPECT_LE(shares.back(), 1);
  EXPECT_THAT([&] { open_datasets(options(), {Split::kTrain}, {.go_on = [](double) { return false; }}); },
              ThrowsMessage<RunError>(HasSubstr("cancelled")));
}

TEST_F(PictureFolder, TheReportShowsSmallExamplesInTheirOrder) {
  for (int i = 0; i < 3; ++i) write_noise(fmt::format("train/{}.png", i), 512, 256, uint64_t(i));
  write_noise("test/a.png", 512, 256, 7);
  const DataReport report = report_data(options());
  ASSERT_EQ(report.examples.size(), 3u);
  EXPECT_EQ(report.examples[0].image.width, 256);
  EXPECT_EQ(report.examples[0].image.height, 128);
  EXPECT_EQ(report.examples[2].image.pixels, resized(noise(512, 256, 2), 256, 128).pixels);
}

}  // namespace
}  // namespace figment
