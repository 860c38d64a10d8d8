#include "figment/data/image_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <map>
#include <numeric>
#include <set>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/data/test_folder.h"
#include "figment/media/awkward_test_corpus.h"
#include "figment/media/image.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::ThrowsMessage;
using testing::UnorderedElementsAre;

class ImageFolder : public FolderTest {
 protected:
  /// A grey picture of one value.
  void write_grey(const fs::path& name, int value, int64_t width = 4, int64_t height = 4) {
    write(name, encode_png({.width = width,
                            .height = height,
                            .channels = 1,
                            .pixels = std::vector<uint8_t>(size_t(width * height), uint8_t(value))}));
  }
  void write_red(const fs::path& name, int64_t side = 4) {
    Image image{.width = side, .height = side, .channels = 3};
    for (int64_t i = 0; i < side * side; ++i) image.pixels.insert(image.pixels.end(), {255, 0, 0});
    write(name, encode_png(image));
  }
  /// The values of grey pictures of one value.
  std::vector<int> values_of(const Dataset& set) {
    std::vector<int> values;
    if (set.size() == 0) return values;
    const Tensor x = read_all(set).x;
    for (int64_t i = 0; i < x.size(0); ++i)
      values.push_back(int(std::lround((x[i][0][0][0].item<float>() + 1) * 127.5)));
    return values;
  }
  std::unique_ptr<Dataset> open(Split split = Split::kTrain, const DataSpec* like = nullptr) {
    return open_dataset(options(), split, like);
  }
};

TEST_F(ImageFolder, ReadsOrNamesEachAwkwardFile) {
  int64_t reads = 0;
  std::map<std::string, std::string> reasons;
  for (const CorpusFile& file : awkward_images()) {
    write(file.name, file.bytes);
    if (file.expectation == Expectation::kReads)
      ++reads;
    else
      reasons[file.name] = file.what;
  }
  const DataReport report = report_data(options());
  EXPECT_EQ(report.kind, "folder of images");
  EXPECT_EQ(report.train + report.test, reads);
  EXPECT_EQ(report.skipped.size(), reasons.size());
  for (const SkippedFile& skipped : report.skipped) {
    ASSERT_TRUE(reasons.contains(skipped.name)) << skipped.name;
    EXPECT_THAT(skipped.reason, HasSubstr(reasons[skipped.name])) << skipped.name;
    EXPECT_THAT(skipped.reason, Not(HasSubstr(skipped.name)));
  }
  EXPECT_THAT(report.sizes, ElementsAre(Pair("16x12", reads - 1), Pair("1x1", 1)));
  EXPECT_THAT(report.modes,
              AllOf(Contains(Pair("rgb 16 bit", 1)), Contains(Pair("cmyk 8 bit", 1)), Contains(Pair("grey 1 bit", 1))));
  EXPECT_THAT(report.warnings, AllOf(Contains(HasSubstr("different sizes, most often 16x12")),
                                     Contains(HasSubstr("files were skipped"))));
}

TEST_F(ImageFolder, ShowsEachAwkwardFileAsItsOwnPicture) {
  write_grey("test/a.png", 1);
  std::map<std::string, Image> pictures;  // in the order of the set
  for (const CorpusFile& file : awkward_images()) {
    write("train/" + file.name, file.bytes);
    if (file.expectation == Expectation::kReads)
      pictures[file.name] = resized_to_cover(with_channels(decode_image(file.bytes, file.name), 3), 16, 12);
  }
  const Tensor x = read_all(*open()).x;
  ASSERT_EQ(x.sizes(), (std::vector<int64_t>{int64_t(pictures.size()), 3, 12, 16}));
  int64_t row = 0;
  for (const auto& [name, picture] : pictures) {
    const Tensor bytes = ((x[row++] + 1) * 127.5).round().to(torch::kUInt8).permute({1, 2, 0}).contiguous();
    EXPECT_TRUE(std::equal(picture.pixels.begin(), picture.pixels.end(), bytes.const_data_ptr<uint8_t>())) << name;
  }
}

TEST_F(ImageFolder, StrictMakesAnUnreadableFileAnError) {
  for (int i = 0; i < 20; ++i) write_grey(fmt::format("train/{:02}.png", i), i);
  write_grey("test/a.png", 1);
  DataOptions strict = options();
  strict.strict = true;
  EXPECT_EQ(open_dataset(strict, Split::kTrain)->size(), 20);
  write("train/05.png", read_file(folder / "train/05.png").substr(0, 40));
  EXPECT_THAT([&] { open_dataset(strict, Split::kTrain); },
              ThrowsMessage<DataError>(
                  AllOf(HasSubstr("1 file cannot be read"), HasSubstr("train/05.png: the file is truncated"))));
  EXPECT_THAT([&] { report_data(strict); }, ThrowsMessage<DataError>(HasSubstr("train/05.png: the file is truncated")));
  std::vector<SkippedFile> skipped;
  EXPECT_THAT(values_of(*open_dataset(options(), Split::kTrain, nullptr, &skipped)),
              ElementsAre(0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19));
  ASSERT_EQ(skipped.size(), 1u);
  EXPECT_EQ(skipped[0].name, "train/05.png");
}

TEST_F(ImageFolder, TakesSubFoldersForClassesInTheOrderOfTheirNames) {
  write_grey("train/dog/deep/1.png", 1);
  write_grey("train/cat/2.PNG", 2);
  write_grey("train/cat/10.png", 10);
  write_grey("test/emu/3.png", 3);
  write_grey("val/cat/4.png", 4);
  const auto train = open(), test = open(Split::kTest);
  EXPECT_THAT(train->spec().condition.label()->names, ElementsAre("cat", "dog", "emu"));
  EXPECT_THAT(values_of(*train), ElementsAre(10, 2, 1));
  EXPECT_THAT(labels_of(*train), ElementsAre(0, 0, 1));
  EXPECT_THAT(labels_of(*test), ElementsAre(2));
  const DataReport report = report_data(options());
  EXPECT_THAT(report.classes, ElementsAre(Pair("cat", 2), Pair("dog", 1), Pair("emu", 1)));
  EXPECT_THAT(
      report.warnings,
      AllOf(
          Contains(HasSubstr("1 image is not used: of test/, train/ and val/ figment reads the folders for training")),
          Contains("no training image shows class 'emu'")));
}

TEST_F(ImageFolder, TakesTrainForAClassBesideOtherClasses) {
  for (int i = 0; i < 3; ++i) {
    write_grey(fmt::format("train/{}.png", i), i);
    write_grey(fmt::format("boat/{}.png", i), i);
  }
  EXPECT_THAT(open()->spec().condition.label()->names, ElementsAre("boat", "train"));
}

TEST_F(ImageFolder, HasNoClassesWhereImagesLieBesideTheSubFolders) {
  write_grey("train/a/1.png", 1);
  write_grey("train/2.png", 2);
  EXPECT_FALSE(open()->spec().condition.label());
  EXPECT_THAT(report_data(options()).warnings, Contains(HasSubstr("not taken for classes: 1 image lies beside them")));
}

TEST_F(ImageFolder, SplitsByNameSoThatMoreImagesMoveNoOthers) {
  for (int i = 0; i < 200; ++i) write_grey(fmt::format("{}.png", i), i);
  DataOptions some = options();
  some.validation = 7;
  const auto values = [&](Split split) { return values_of(*open_dataset(some, split)); };
  const std::vector<int> train = values(Split::kTrain), validation = values(Split::kValidation),
                         test = values(Split::kTest);
  EXPECT_EQ(validation.size(), 7u);
  EXPECT_NEAR(double(test.size()), 20, 17);  // four standard deviations
  std::multiset<int> all(train.begin(), train.end());
  all.insert(validation.begin(), validation.end());
  all.insert(test.begin(), test.end());
  std::multiset<int> expected;
  for (int i = 0; i < 200; ++i) expected.insert(i);
  EXPECT_EQ(all, expected);
  EXPECT_EQ(values(Split::kTrain), train);
  const DataReport report = report_data(some);
  EXPECT_EQ(report.train, int64_t(train.size()));
  EXPECT_EQ(report.validation, 7);
  EXPECT_EQ(report.test, int64_t(test.size()));
  for (int i = 0; i < 50; ++i) write_grey(fmt::format("new-{}.png", i), 255);
  std::vector<int> later = values(Split::kTest);
  std::erase(later, 255);
  EXPECT_EQ(later, test);
}

TEST_F(ImageFolder, OfOneImageIsATrainingSet) {
  for (const char* name :
       {"a.png", "b.png", "c.png", "d.png", "e.png", "f.png", "g.png", "h.png", "i.png", "j.png", "k.png"}) {
    write_grey(name, 9);
    EXPECT_THAT(values_of(*open()), ElementsAre(9));
    EXPECT_EQ(open_dataset({.source = folder.string()}, Split::kValidation)->size(), 0);
    EXPECT_THAT([&] { open(Split::kTest); },
                ThrowsMessage<DataError>(HasSubstr("none of its 1 image is set apart for testing")));
    fs::remove(folder / name);
  }
}

TEST_F(ImageFolder, IsTakenWholeWithTheNamesOfItsFiles) {
  for (int i = 0; i < 40; ++i) write_grey(fmt::format("{}/{:02}.png", i % 2 ? "a" : "b", i), i);
  const auto all = open(Split::kAll), train = open(Split::kTrain);
  ASSERT_EQ(all->size(), 40);
  std::vector<int> expected(20);
  for (int i = 0; i < 20; ++i) expected[size_t(i)] = 2 * i + 1;
  for (int i = 0; i < 20; ++i) expected.push_back(2 * i);
  EXPECT_EQ(values_of(*all), expected) << "in the order of their names";
  EXPECT_EQ(all->name(0), "a/01.png");
  EXPECT_EQ(all->name(39), "b/38.png");
  EXPECT_LT(train->size(), 40);
  EXPECT_EQ(values_of(*train).front(), std::stoi(train->name(0).substr(2)));
}

TEST_F(ImageFolder, MayLackATestSplitWhereTheCallerSaysSo) {
  write_grey("one.png", 7);
  const Datasets sets = open_datasets(options(), {Split::kTrain, Split::kTest}, {.may_lack_test = true});
  EXPECT_EQ(sets[0]->size(), 1);
  EXPECT_EQ(sets[1], nullptr);
}

TEST_F(ImageFolder, OfUnreadableImagesIsRefused) {
  write_grey("test/a.png", 1);
  write("train/a.png", "text");
  write("train/b.png", "");
  EXPECT_THAT([&] { open(); }, ThrowsMessage<DataError>(HasSubstr(
                                   "none of its 2 images can be read; the first, train/a.png: is none of PNG, JPEG")));
  EXPECT_EQ(report_data(options()).train, 0);
}

TEST_F(ImageFolder, CountsOnceWhatLinksShowTwice) {
  write_grey("train/a/1.png", 1);
  fs::create_symlink(folder / "train/a/1.png", folder / "train/a/2.png");
  fs::create_directory_symlink(folder / "train/a", folder / "train/b");
  fs::create_directory_symlink(folder, folder / "train/a/loop");
  fs::create_symlink(folder / "nothing", folder / "train/a/3.png");
  write_grey("train/.hidden/4.png", 4);
  write_grey("train/a/.5.png", 5);
  EXPECT_THAT(values_of(*open()), ElementsAre(1));
  const DataReport report = report_data(options());
  EXPECT_EQ(report.train, 1);
  ASSERT_EQ(report.skipped.size(), 1u);
  EXPECT_EQ(report.skipped[0].name, "train/a/3.png");
  EXPECT_THAT(report.skipped[0].reason, HasSubstr("cannot be found"));
  EXPECT_THAT(report.warnings, Contains(HasSubstr("3 links to what was found already are left out")));
  DataOptions repeated = options();
  repeated.repeat_links = true;
  fs::remove(folder / "train/a/3.png");
  EXPECT_THAT(labels_of(*open_dataset(repeated, Split::kTrain)), ElementsAre(0, 0, 1, 1)) << "to oversample";
}

TEST_F(ImageFolder, IsBroughtToTheMostFrequentSizeAndToColour) {
  write_grey("train/1.png", 100, 4, 6);
  write_grey("train/2.png", 100, 4, 6);
  write_red("train/3.png", 12);
  const auto set = open();
  const Tensor x = read_all(*set).x;
  ASSERT_EQ(x.sizes(), (std::vector<int64_t>{3, 3, 6, 4}));
  EXPECT_TRUE(x[0].eq((100 - 127.5f) / 127.5f).all().item<bool>());
  EXPECT_TRUE(x[2].select(0, 0).eq(1).all().item<bool>());
  EXPECT_TRUE(x[2].narrow(0, 1, 2).eq(-1).all().item<bool>());
  DataOptions grey = options();
  grey.channels = 1;
  grey.size = 5;
  const Tensor y = read_all(*open_dataset(grey, Split::kTrain)).x;
  ASSERT_EQ(y.sizes(), (std::vector<int64_t>{3, 1, 5, 5}));
  EXPECT_NEAR(y[2][0][0][0].item<float>(), 0.299 * 2 - 1, 0.005);
}

TEST_F(ImageFolder, WithoutColourStaysGrey) {
  write_grey("train/1.png", 1);
  write_grey("train/2.png", 2);
  EXPECT_EQ(pixels(open()->spec()).channels, 1);
}

TEST_F(ImageFolder, ConformsToTheSpecOfARun) {
  write_grey("train/dog/1.png", 1);
  write_grey("train/cat/2.png", 2);
  DataSpec like{.x = PixelSpec{.channels = 3, .height = 8, .width = 8}};
  like.condition.labels = {LabelSpec{.names = {"emu", "dog", "cat"}}};
  const auto set = open(Split::kTrain, &like);
  EXPECT_EQ(to_json(set->spec()), to_json(like));
  EXPECT_THAT(values_of(*set), ElementsAre(2, 1));
  EXPECT_THAT(labels_of(*set), ElementsAre(2, 1));
  like.condition.labels = {LabelSpec{.names = {"dogs", "cat"}}};
  EXPECT_THAT([&] { open(Split::kTrain, &like); },
              ThrowsMessage<DataError>(HasSubstr("the run does not know the class 'dog'; did you mean 'dogs'?")));
  fs::rename(folder / "train/dog/1.png", folder / "train/1.png");
  fs::remove_all(folder / "train/cat");
  EXPECT_FALSE(open(Split::kTrain, &like)->spec().condition.label()) << "a set without classes stays without";
}

TEST_F(ImageFolder, HashChangesWithOnePixel) {
  write_grey("test/a.png", 1);
  for (int i = 0; i < 5; ++i) write_grey(fmt::format("train/{}.png", i), i);
  const std::string before = open()->hash();
  write_grey("train/3.png", 4);
  EXPECT_NE(open()->hash(), before);
  write_grey("train/3.png", 3);
  EXPECT_EQ(open()->hash(), before);
  fs::rename(folder / "train/3.png", folder / "train/9.png");
  EXPECT_NE(open()->hash(), before);  // another order
}

TEST_F(ImageFolder, GivesTheSameWhetherItFitsIntoMemoryOrNot) {
  write_grey("test/1/a.png", 1);
  for (int i = 0; i < 150; ++i) write_grey(fmt::format("train/{}/{:03}.png", i % 3, i), i, 4 + i % 2, 5);
  write("train/1/070.png", "damaged");
  DataOptions some = options();
  some.flip = true;
  some.size = 6;
  std::vector<SkippedFile> skipped[2];
  std::vector<std::string> notes;
  const auto open_with = [&](int64_t most_bytes_kept, std::vector<SkippedFile>& left_out) {
    return std::move(open_pictures(folder_listing({.folder = folder}, some), some, {Split::kTrain},
                                   {.skipped = &left_out, .notes = &notes}, most_bytes_kept)
                         .front());
  };
  const auto kept = open_with(1 << 20, skipped[0]), decoded = open_with(1000, skipped[1]);
  EXPECT_EQ(kept->size(), 149);
  EXPECT_EQ(decoded->size(), 149);
  EXPECT_EQ(kept->hash(), decoded->hash());
  EXPECT_EQ(to_json(kept->spec()), to_json(decoded->spec()));
  const Batch a = read_all(*kept), b = read_all(*decoded);
  EXPECT_TRUE(a.x.equal(b.x));
  EXPECT_TRUE(a.condition.label().equal(b.condition.label()));
  EXPECT_EQ(skipped[0].size(), 1u);
  EXPECT_EQ(skipped[1].size(), 1u);
  fs::remove(folder / "train/0/000.png");
  const Draw first{.index = 0};
  EXPECT_NO_THROW(kept->read({&first, 1}));
  EXPECT_THROW(decoded->read({&first, 1}), FileError);
}

/// Counts how often the files of a folder are opened, by the system's own account.
class Opens {
 public:
  explicit Opens(const fs::path& folder) : descriptor_(inotify_init1(IN_NONBLOCK)) {
    inotify_add_watch(descriptor_, folder.c_str(), IN_OPEN);
  }
  ~Opens() { close(descriptor_); }
  /// By name, since the last call.
  std::map<std::string, int> counts() {
    std::map<std::string, int> all;
    alignas(inotify_event) char events[4096];
    for (ssize_t got; (got = ::read(descriptor_, events, sizeof events)) > 0;)
      for (ssize_t at = 0; at < got;) {
        const auto* event = reinterpret_cast<const inotify_event*>(events + at);
        if (!(event->mask & IN_ISDIR)) ++all[event->name];
        at += ssize_t(sizeof(inotify_event) + event->len);
      }
    return all;
  }

 private:
  int descriptor_;
};

TEST_F(ImageFolder, EachFileIsReadOnceForTrainingAndValidation) {
  for (int i = 0; i < 40; ++i) write_grey(fmt::format("train/{}.png", i), i, 4 + i % 3, 5);
  write_grey("test/a.png", 1);
  DataOptions some = options();
  some.validation = 4;
  Opens opens(folder / "train");
  const Datasets sets = open_datasets(some, {Split::kTrain, Split::kValidation});
  EXPECT_EQ(sets[0]->size(), 36);
  EXPECT_EQ(sets[1]->size(), 4);
  std::map<std::string, int> once;
  for (int i = 0; i < 40; ++i) once[fmt::format("{}.png", i)] = 1;
  EXPECT_EQ(opens.counts(), once);
  EXPECT_EQ(sets[1]->hash(), open_dataset(some, Split::kValidation)->hash());
  EXPECT_EQ(opens.counts(), once) << "for one split the headers of all decide the size";
  report_data(some);
  EXPECT_EQ(opens.counts(), once);
}

TEST_F(ImageFolder, WarnsOfAClassThatHoldsNearlyAll) {
  for (int i = 0; i < 19; ++i) write_grey(fmt::format("train/a/{}.png", i), i);
  write_grey("train/b/1.png", 1);
  EXPECT_THAT(report_data(options()).warnings, Contains("class 'a' holds 19 of 20 images"));
}

TEST_F(ImageFolder, SurvivesNamesThatAreNoText) {
  write_grey("train/a/\xff\xfe.png", 1);
  write("train/a/\x80.png", "damaged");
  EXPECT_EQ(open()->size(), 1);
  EXPECT_NO_THROW(Json(report_data(options()).skipped.at(0).name).dump());
  write_grey("train/\xff/1.png", 1);
  EXPECT_THAT([&] { open(); }, ThrowsMessage<DataError>(HasSubstr("must be UTF-8")));
}

}  // namespace
}  // namespace figment
