#include "figment/data/shard_index.h"

#include <gmock/gmock.h>

#include <chrono>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/hash.h"
#include "figment/data/test_cache.h"
#include "figment/data/test_tar.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::ThrowsMessage;

/// A PNG of one value.
std::string grey(int value, int64_t width = 4, int64_t height = 3) {
  return encode_png({.width = width,
                     .height = height,
                     .channels = 1,
                     .pixels = std::vector<uint8_t>(size_t(width * height), uint8_t(value))});
}

ShardIndex index_of_bytes(std::string_view archive) {
  return made_index([rest = archive](char* to, size_t count) mutable {
    const size_t taken = std::min(count, rest.size());
    std::copy_n(rest.data(), taken, to);
    rest.remove_prefix(taken);
    return taken;
  });
}

std::vector<std::string> keys_of(const ShardIndex& index) {
  std::vector<std::string> keys;
  for (size_t i = 0; i < index.samples.size(); ++i) keys.emplace_back(index.key(i));
  return keys;
}

std::vector<std::pair<std::string, std::string>> skipped_of(const ShardIndex& index) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& [key, reason] : index.skipped) all.emplace_back(key, reason);
  return all;
}

TEST(ShardIndex, PutsTheFilesOfAKeyTogether) {
  const std::string archive = tar_of({{"a/0.png", grey(1)},
                                      {"a/0.cls", "3\n"},
                                      {"a/1.cls", " 12"},
                                      {"a/1.PNG", grey(2, 8, 2)},
                                      {"b", "x"},
                                      {"2.png", grey(3)},
                                      {"2.json", "{}"},
                                      {"2.seg.png", grey(4)},
                                      {"._2.png", "of macOS"},
                                      {"2.jpg", "a second picture"}});
  const ShardIndex index = index_of_bytes(archive);
  EXPECT_THAT(keys_of(index), ElementsAre("a/0", "a/1", "2"));
  EXPECT_THAT(skipped_of(index), ElementsAre(Pair("b", "has no picture")));
  EXPECT_THAT(index.others, ElementsAre(Pair(".jpg", 1), Pair(".json", 1), Pair(".png", 2), Pair("no ending", 1)));
  EXPECT_THAT(index.modes, ElementsAre("grey 8 bit"));
  EXPECT_EQ(index.hash, hash_of(archive));
  EXPECT_EQ(index.bytes, int64_t(archive.size()));
  const std::vector<std::string> pictures = {grey(1), grey(2, 8, 2), grey(3)};
  const std::vector<int> labels = {3, 12, -1}, widths = {4, 8, 4}, heights = {3, 2, 3};
  for (size_t i = 0; i < 3; ++i) {
    const ShardSample& sample = index.samples[i];
    EXPECT_EQ(archive.substr(size_t(sample.offset), size_t(sample.length)), pictures[i]);
    EXPECT_EQ(sample.label, labels[i]);
    EXPECT_EQ(sample.width, widths[i]);
    EXPECT_EQ(sample.height, heights[i]);
    EXPECT_EQ(sample.mode, 0);
  }
}

TEST(ShardIndex, ASampleThatCannotBeUsedIsNamedWithTheReason) {
  const ShardIndex index = index_of_bytes(tar_of({{"0.png", grey(1).substr(0, 40)},
                                                  {"0.cls", "1"},
                                                  {"1.png", "no picture"},
                                                  {"2.png", grey(1)},
                                                  {"2.cls", "cat"},
                                                  {"3.png", grey(1)},
                                                  {"3.cls", "65536"},
                                                  {"4.png", grey(1)},
                                                  {"4.cls", "-1"},
                                                  {"5.cls", "1"},
                                                  {"6.png", grey(1)},
                                                  {"6.cls", std::string(65, '1')},
                                                  {"7.png", grey(7)}}));
  EXPECT_THAT(keys_of(index), ElementsAre("7"));
  EXPECT_THAT(skipped_of(index),
              ElementsAre(Pair("0", HasSubstr("truncated")), Pair("1", testing::_),
                          Pair("2", "its .cls must hold a class, a number from 0 to 65,535, got 'cat'"),
                          Pair("3", HasSubstr("got '65536'")), Pair("4", HasSubstr("got '-1'")),
                          Pair("5", "has no picture"), Pair("6", HasSubstr("got 65 bytes"))));
}

TEST(ShardIndex, OfATruncatedShardWhatStandsBeforeIsUsed) {
  const std::string archive = tar_of({{"0.png", grey(1)}, {"1.png", grey(2)}, {"1.cls", "1"}, {"2.png", grey(3)}});
  const ShardIndex cut = index_of_bytes(archive.substr(0, 4 * 1024 - 480));
  EXPECT_THAT(keys_of(cut), ElementsAre("0", "1"));
  EXPECT_THAT(skipped_of(cut), ElementsAre(Pair("", HasSubstr("the archive is damaged or truncated"))));
  EXPECT_EQ(cut.hash, hash_of(archive.substr(0, 4 * 1024 - 480)));
  const ShardIndex none = index_of_bytes("no archive");
  EXPECT_THAT(keys_of(none), IsEmpty());
  EXPECT_THAT(skipped_of(none), ElementsAre(Pair("", HasSubstr("is no tar archive"))));
}

TEST(ShardIndex, EndingsFromElsewhereCannotFillTheMemory) {
  std::vector<std::pair<std::string, std::string>> files;
  for (int i = 0; i < 300; ++i) files.emplace_back("x.e" + std::to_string(i), "");
  files.emplace_back("x." + std::string(60, 'y'), "");
  const ShardIndex index = index_of_bytes(tar_of(files));
  EXPECT_LE(index.others.size(), 65u);
  int64_t all = 0;
  for (const auto& [ending, count] : index.others) all += count;
  EXPECT_EQ(all, 301);
}

TEST(ShardIndex, AFileOfItGivesTheSame) {
  const ShardIndex index = index_of_bytes(
      tar_of({{"a.png", grey(1)}, {"a.cls", "3"}, {"b.png", "damaged"}, {"c.png", grey(2)}, {"c.json", "{}"}}));
  const ShardIndex read = index_from_file(from_safetensors(to_file(index), "x"), "x");
  EXPECT_EQ(to_file(read), to_file(index));
  EXPECT_THAT(keys_of(read), ElementsAre("a", "c"));
  EXPECT_EQ(read.hash, index.hash);
  EXPECT_EQ(skipped_of(read), skipped_of(index));
  EXPECT_EQ(read.others, index.others);
}

TEST(ShardIndex, ADamagedFileOfItIsRefused) {
  const auto refused = [](const std::function<void(ShardIndex&)>& damage, const char* why) {
    ShardIndex index = index_of_bytes(tar_of({{"a.png", grey(1)}, {"b.png", grey(2)}}));
    damage(index);
    EXPECT_THAT([&] { index_from_file(from_safetensors(to_file(index), "x"), "x"); },
                ThrowsMessage<DataError>(AllOf(HasSubstr("x: is no index of a shard"), HasSubstr(why))));
  };
  refused([](ShardIndex& index) { index.samples[1].offset = index.bytes; }, "a sample lies outside");
  refused([](ShardIndex& index) { index.samples[1].offset = -1; }, "a sample lies outside");
  refused([](ShardIndex& index) { index.samples[1].length = -1; }, "a sample lies outside");
  refused([](ShardIndex& index) { index.samples[1].key_end = 9; }, "a key lies outside");
  refused([](ShardIndex& index) { index.samples[1].key_end = 0; }, "a key lies outside");
  refused([](ShardIndex& index) { index.samples[0].label = int32_t(kMostClasses); }, "a class is out of range");
  refused([](ShardIndex& index) { index.samples[0].width = 0; }, "a picture has no size");
  refused([](ShardIndex& index) { index.samples[0].mode = 1; }, "a picture has no mode");
  TensorFile file = from_safetensors(to_file(index_of_bytes(tar_of({{"a.png", grey(1)}}))), "x");
  file.tensors["facts"][0][1] = 7;
  EXPECT_THAT([&] { index_from_file(file, "x"); }, ThrowsMessage<DataError>(HasSubstr("its hash is not that")));
}

class KeptIndex : public OwnCache {
 protected:
  ShardIndex index() { return index_of(folder / "x.tar", note_); }
  std::vector<fs::path> kept() const { return entries_of(folder / "cache/figment/shards"); }

  std::string note_ = {};
};

TEST_F(KeptIndex, IsMadeOnceAndAgainWhenTheShardHasChanged) {
  write("x.tar", tar_of({{"a.png", grey(1)}}));
  EXPECT_THAT(keys_of(index()), ElementsAre("a"));
  ASSERT_EQ(kept().size(), 1u);
  const std::string file = read_file(kept()[0]);
  const auto time = fs::last_write_time(folder / "x.tar");
  write("x.tar", tar_of({{"b.png", grey(1)}}));  // as long as before
  fs::last_write_time(folder / "x.tar", time);
  EXPECT_THAT(keys_of(index()), ElementsAre("a")) << "the shard was not read again";
  fs::last_write_time(folder / "x.tar", time + std::chrono::seconds(1));
  EXPECT_THAT(keys_of(index()), ElementsAre("b"));
  EXPECT_EQ(kept().size(), 1u);
  EXPECT_NE(read_file(kept()[0]), file);
  EXPECT_EQ(note_, "");
}

TEST_F(KeptIndex, ThatIsDamagedIsMadeAnewAndThisIsSaid) {
  write("x.tar", tar_of({{"a.png", grey(1)}}));
  index();
  const std::string good = read_file(kept()[0]);
  for (const std::string& damaged : {good.substr(0, good.size() / 2), std::string("x")}) {
    write_file(kept()[0], damaged);
    note_.clear();
    EXPECT_THAT(keys_of(index()), ElementsAre("a"));
    EXPECT_THAT(note_, HasSubstr("a kept index cannot be used and is made anew ("));
    EXPECT_EQ(read_file(kept()[0]), good);
  }
}

TEST_F(KeptIndex, ThatCannotBeKeptIsMadeEachTimeAndThisIsSaid) {
  write("x.tar", tar_of({{"a.png", grey(1)}}));
  write("cache", "a file in place of the folder");
  EXPECT_THAT(keys_of(index()), ElementsAre("a"));
  EXPECT_THAT(note_, HasSubstr("the index of shards cannot be kept, so that each opening reads them whole ("));
}

TEST_F(KeptIndex, OfAShardThatIsNotThereIsAnError) { EXPECT_THROW(index(), FileError); }

}  // namespace
}  // namespace figment
