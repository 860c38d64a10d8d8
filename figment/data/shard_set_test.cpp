#include "figment/data/shard_set.h"  // shards.cpp is tested here too

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>
#include <cmath>

#include "figment/base/error.h"
#include "figment/data/conform.h"
#include "figment/data/shards.h"
#include "figment/data/test_cache.h"
#include "figment/data/test_folder.h"
#include "figment/data/test_tar.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::ThrowsMessage;
using Files = std::vector<std::pair<std::string, std::string>>;

/// A PNG of one value.
std::string grey(int value, int64_t side = 4) {
  return encode_png({.width = side,
                     .height = side,
                     .channels = 1,
                     .pixels = std::vector<uint8_t>(size_t(side * side), uint8_t(value))});
}
std::string red() {
  Image image{.width = 4, .height = 4, .channels = 3};
  for (int i = 0; i < 16; ++i) image.pixels.insert(image.pixels.end(), {255, 0, 0});
  return encode_png(image);
}

class ShardSet : public OwnCache {
 protected:
  /// Samples `first` to `last` - 1, each a picture of its number's value, of class number modulo 3.
  static Files samples(int first, int last) {
    Files files;
    for (int i = first; i < last; ++i) {
      files.emplace_back(fmt::format("{:06}.png", i), grey(i));
      files.emplace_back(fmt::format("{:06}.cls", i), std::to_string(i % 3));
    }
    return files;
  }
  DataOptions options(const std::string& pattern = "{0..1}.tar") const {
    return {.source = (folder / pattern).string(), .validation = 0};
  }
  /// The values of grey pictures of one value.
  static std::vector<int> values_of(const Dataset& set) {
    std::vector<int> values;
    const Tensor x = read_all(set).x;
    for (int64_t i = 0; i < x.size(0); ++i)
      values.push_back(int(std::lround((x[i][0][0][0].item<float>() + 1) * 127.5)));
    return values;
  }
  void write_two() const {
    write("0.tar", tar_of(samples(0, 60)));
    write("1.tar", tar_of(samples(60, 100)));
  }
};

TEST_F(ShardSet, HoldsEachSampleOnceAndSplitsByTheHashOfItsKey) {
  write_two();
  const Datasets sets = open_datasets(options(), {Split::kTrain, Split::kValidation, Split::kTest, Split::kAll});
  std::vector<int> train, test, all;
  for (int i = 0; i < 100; ++i) {
    (is_for_testing(fmt::format("{:06}", i)) ? test : train).push_back(i);
    all.push_back(i);
  }
  EXPECT_EQ(values_of(*sets[0]), train);
  EXPECT_EQ(sets[1]->size(), 0);
  EXPECT_EQ(values_of(*sets[2]), test);
  EXPECT_EQ(values_of(*sets[3]), all);
  EXPECT_GT(test.size(), 3u);
  const std::vector<int64_t> labels = labels_of(*sets[3]);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(labels[size_t(i)], i % 3);
  EXPECT_THAT(sets[0]->spec().condition.labels.front().names, ElementsAre("0", "1", "2"));
  EXPECT_EQ(sets[3]->name(75), "1.tar/000075");
  EXPECT_EQ(pixels(sets[0]->spec()).width, 4);
  EXPECT_EQ(pixels(sets[0]->spec()).channels, 1);
}

TEST_F(ShardSet, PutsAsManyAsideAsAFolderDoes) {
  write_two();
  DataOptions some = options();
  some.validation = 5;
  const Datasets sets = open_datasets(some, {Split::kTrain, Split::kValidation});
  EXPECT_EQ(sets[1]->size(), 5);
  std::vector<int> both = values_of(*sets[0]);
  const std::vector<int> validation = values_of(*sets[1]);
  both.insert(both.end(), validation.begin(), validation.end());
  std::ranges::sort(both);
  EXPECT_EQ(both, values_of(*open_dataset(options(), Split::kTrain)));
}

TEST_F(ShardSet, AnyThreadAndOrderGivesTheSameBytes) {
  write_two();
  const auto set = open_dataset(options(), Split::kTrain);
  const auto served = [&](int threads) {
    Loader loader(*set, {.batch_size = 16, .seed = 3, .threads = threads});
    std::vector<Batch> batches;
    for (int i = 0; i < 12; ++i) batches.push_back(loader.next());
    return concatenated(batches);
  };
  const Batch one = served(0), three = served(3);
  EXPECT_TRUE(one.x.equal(three.x));
  EXPECT_TRUE(one.condition.label().equal(three.condition.label()));
}

TEST_F(ShardSet, TheHashIsOfWhatIsReadNotOfWhereItLies) {
  write_two();
  const std::string hash = open_dataset(options(), Split::kTrain)->hash();
  fs::create_directories(folder / "moved");
  for (const char* name : {"0.tar", "1.tar"}) fs::copy_file(folder / name, folder / "moved" / name);
  EXPECT_EQ(open_dataset(options("moved/{0..1}.tar"), Split::kTrain)->hash(), hash);
  EXPECT_EQ(open_dataset(options("{0,1}.tar"), Split::kTrain)->hash(), hash);
  EXPECT_NE(open_dataset(options("0.tar"), Split::kTrain)->hash(), hash);
  DataOptions ranged = options();
  ranged.range = {0, 100};
  EXPECT_NE(open_dataset(ranged, Split::kTrain)->hash(), hash) << "other values are read";
  Files other = samples(60, 100);
  other[0].second = grey(200);
  write("moved/1.tar", tar_of(other));
  EXPECT_NE(open_dataset(options("moved/{0..1}.tar"), Split::kTrain)->hash(), hash);
}

TEST_F(ShardSet, APictureIsDecodedAsTheOneOfAFolderIs) {
  Files files;
  for (int i = 0; i < 30; ++i) {
    Image image{.width = 9, .height = 7, .channels = 3};
    for (int k = 0; k < 9 * 7 * 3; ++k) image.pixels.push_back(uint8_t((i * 37 + k * 101) % 251));
    files.emplace_back(fmt::format("{:02}.png", i), encode_png(image));
    write("photos/" + files.back().first, files.back().second);
  }
  write("x.tar", tar_of(files));
  for (DataOptions o : {DataOptions{}, DataOptions{.size = 5}, DataOptions{.crop = 4, .channels = 1, .flip = true},
                        DataOptions{.range = {10, 200}}}) {
    o.validation = 0;
    o.source = (folder / "x.tar").string();
    const auto shard = open_dataset(o, Split::kAll);
    o.source = (folder / "photos").string();
    const auto photos = open_dataset(o, Split::kAll);
    ASSERT_EQ(shard->size(), 30);
    EXPECT_TRUE(read_all(*shard).x.equal(read_all(*photos).x));
  }
}

TEST_F(ShardSet, FilesThatAreNotReadAreCountedAndThoseThatCannotBeAreNamed) {
  Files files = samples(0, 40);
  files[10].second = grey(5).substr(0, 40);
  files.emplace_back("000040.json", "{}");
  files.emplace_back("000040.png", grey(40));
  files.emplace_back("000040.cls", "1");
  write("0.tar", tar_of(files));
  write("1.tar", tar_of(samples(100, 110)).substr(0, 5 * 1024 - 300));
  const DataReport report = report_data(options());
  EXPECT_EQ(report.kind, "tar shards");
  EXPECT_EQ(report.train + report.test, 42);
  ASSERT_THAT(report.skipped, SizeIs(2));
  EXPECT_EQ(report.skipped[0].name, "0.tar/000005");
  EXPECT_THAT(report.skipped[0].reason, HasSubstr("truncated"));
  EXPECT_EQ(report.skipped[1].name, "1.tar");
  EXPECT_THAT(report.skipped[1].reason, HasSubstr("the archive is damaged or truncated"));
  EXPECT_THAT(report.warnings, AllOf(Contains(HasSubstr("1 file of the archives ignored (1 .json)")),
                                     Contains(HasSubstr("2 files were skipped"))));
  EXPECT_THAT(report.sizes, ElementsAre(Pair("4x4", 42)));
  EXPECT_THAT(report.modes, ElementsAre(Pair("grey 8 bit", 42)));
  std::vector<SkippedFile> skipped;
  EXPECT_EQ(open_dataset(options(), Split::kAll, nullptr, &skipped)->size(), 42);
  EXPECT_THAT(skipped, SizeIs(2));
  DataOptions strict = options();
  strict.strict = true;
  EXPECT_THAT([&] { open_dataset(strict, Split::kAll); },
              ThrowsMessage<DataError>(HasSubstr("2 files cannot be read, the first is 0.tar/000005")));
}

TEST_F(ShardSet, WhereNothingCanBeReadTheFirstReasonIsSaid) {
  write("0.tar", tar_of({{"0.json", "{}"}}));
  EXPECT_THAT([&] { open_dataset(options("0.tar"), Split::kTrain); },
              ThrowsMessage<DataError>(AllOf(HasSubstr("holds no picture that can be read"),
                                             HasSubstr("0.tar/0: has no picture"), HasSubstr("1 .json"))));
  write("0.tar", "\x1f\x8b is packed, whatever its name says");
  EXPECT_THAT([&] { open_dataset(options("0.tar"), Split::kTrain); },
              ThrowsMessage<DataError>(HasSubstr("0.tar: is no tar archive; if it is compressed")));
}

TEST_F(ShardSet, ClassesHaveTheNamesOfAFileBesideTheShards) {
  write_two();
  write("classes.txt", "cat\r\ndog\nbird\n\n");
  EXPECT_THAT(open_dataset(options(), Split::kTrain)->spec().condition.labels.front().names,
              ElementsAre("cat", "dog", "bird"));
  EXPECT_THAT(report_data(options()).classes, ElementsAre(Pair("cat", 34), Pair("dog", 33), Pair("bird", 33)));
  write("classes.txt", "cat\ndog\n");
  EXPECT_THAT([&] { open_dataset(options(), Split::kTrain); },
              ThrowsMessage<DataError>(HasSubstr("is of class 2, and classes.txt beside the shards names 2 classes")));
}

TEST_F(ShardSet, AFewSamplesWithoutAClassAreLeftOutOfManyAllAreTaken) {
  Files files = samples(0, 40);
  files.erase(files.begin() + 1);
  write("0.tar", tar_of(files));
  std::vector<std::string> notes;
  const auto few = open_datasets(options("0.tar"), {Split::kAll}, {.notes = &notes});
  EXPECT_EQ(few[0]->size(), 39);
  EXPECT_THAT(notes, Contains("1 image is left out, since it has no .cls"));
  for (int i = 0; i < 5; ++i) files.emplace_back(fmt::format("x{}.png", i), grey(i));
  write("1.tar", tar_of(files));
  notes.clear();
  const auto many = open_datasets(options("1.tar"), {Split::kAll}, {.notes = &notes});
  EXPECT_EQ(many[0]->size(), 45);
  EXPECT_THAT(many[0]->spec().condition.labels, IsEmpty());
  EXPECT_THAT(notes, Contains("the images are taken without classes, since 6 samples have no .cls"));
}

TEST_F(ShardSet, OfSeveralSizesAndColoursAllAreBroughtToOne) {
  Files files;
  for (int i = 0; i < 20; ++i) files.emplace_back(fmt::format("{:02}.png", i), grey(i));
  files.emplace_back("big.png", grey(9, 40));
  files.emplace_back("red.png", red());
  write("x.tar", tar_of(files));
  const auto set = open_dataset(options("x.tar"), Split::kAll);
  EXPECT_EQ(pixels(set->spec()).width, 4);
  EXPECT_EQ(pixels(set->spec()).channels, 3) << "one picture has colour";
  EXPECT_THAT(report_data(options("x.tar")).warnings, Contains(HasSubstr("different sizes, most often 4x4")));
}

TEST_F(ShardSet, ConformsToARunThatKnowsItsClasses) {
  write_two();
  const DataSpec spec = open_dataset(options(), Split::kTrain)->spec();
  DataSpec wider = spec;
  wider.condition.labels.front().names = {"a", "b", "c", "d"};
  EXPECT_THAT(open_dataset(options(), Split::kTrain, &wider)->spec().condition.labels.front().names, SizeIs(4));
  wider.condition.labels.front().names = {"a", "b"};
  EXPECT_THAT([&] { open_dataset(options(), Split::kTrain, &wider); },
              ThrowsMessage<DataError>(HasSubstr("the run does not know the class")));
}

TEST_F(ShardSet, AShardThatChangesWhileItIsReadIsASentence) {
  write_two();
  const auto set = open_dataset(options(), Split::kTrain);
  const auto time = fs::last_write_time(folder / "0.tar");
  write("0.tar", tar_of(samples(10, 70)));
  fs::last_write_time(folder / "0.tar", time + std::chrono::seconds(1));
  EXPECT_THAT([&] { set->read(std::vector<Draw>{{0, 0}}); },
              ThrowsMessage<DataError>(HasSubstr("0.tar: the shard has changed since it was opened")));
  EXPECT_EQ(values_of(*open_dataset(options(), Split::kAll))[0], 10) << "opened anew it is what it is now";
}

TEST_F(ShardSet, NeighboursAreAsManyAsAreBestReadInOnePiece) {
  write_two();
  const auto set = open_dataset(options(), Split::kTrain);
  int64_t bytes = 0;
  for (const int value : values_of(*set)) bytes += int64_t(grey(value).size());
  EXPECT_EQ(set->neighbours(), kBytesTogether / (bytes / set->size()));
}

TEST_F(ShardSet, SettingsThatChangeNothingOfItAreRefused) {
  write_two();
  DataOptions linked = options(), paired = options();
  linked.repeat_links = true;
  paired.pairs.layout = PairLayout::kHalves;
  EXPECT_THAT([&] { open_dataset(linked, Split::kTrain); },
              ThrowsMessage<ConfigError>(HasSubstr("data.repeat_links has no effect here")));
  EXPECT_THAT([&] { open_dataset(paired, Split::kTrain); }, ThrowsMessage<DataError>(HasSubstr("are shards")));
}

TEST_F(ShardSet, AFolderOfShardsSaysHowTheyAreNamed) {
  write_two();
  EXPECT_THAT([&] { open_dataset({.source = folder.string()}, Split::kTrain); },
              ThrowsMessage<DataError>(
                  HasSubstr("tar shards are named themselves, several as '" + (folder / "{000..099}.tar").string())));
}

}  // namespace
}  // namespace figment
