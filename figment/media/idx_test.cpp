#include <gmock/gmock.h>
#include <zlib.h>

#include "figment/base/error.h"
#include "figment/media/array.h"
#include "tests/mutate.h"

namespace figment {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::string gzipped(const std::string& bytes) {
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = uInt(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = uInt(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

const std::string kSix(
    "\0\0\x08\x02\0\0\0\x02\0\0\0\x03"
    "abcdef",
    18);  // 2 x 3

/// A header alone.
std::string header(std::initializer_list<uint32_t> extents, char type = 8) {
  std::string out{0, 0, type, char(extents.size())};
  for (const uint32_t extent : extents)
    for (int shift = 24; shift >= 0; shift -= 8) out += char(extent >> shift);
  return out;
}

TEST(Idx, PlainAndPackedAreReadAlike) {
  for (const std::string& bytes : {kSix, gzipped(kSix)}) {
    const ByteArray array = read_idx(bytes, "x");
    EXPECT_THAT(array.extents, ElementsAre(2, 3));
    EXPECT_THAT(array.values, ElementsAre('a', 'b', 'c', 'd', 'e', 'f'));
  }
}

TEST(Idx, WhatIsWrittenIsReadBack) {
  ByteArray array{.extents = {70, 200, 211}};  // more than one step of the growing memory
  for (int i = 0; i < 70 * 200 * 211; ++i) array.values.push_back(uint8_t(i * 31 >> 2));
  const std::string bytes = write_idx(array);
  EXPECT_EQ(read_idx(bytes, "x").values, array.values);
  EXPECT_EQ(read_idx(gzipped(bytes), "x").values, array.values);
  EXPECT_EQ(write_idx({.extents = {2, 3}, .values = {'a', 'b', 'c', 'd', 'e', 'f'}}), kSix);
}

TEST(Idx, TooFewAndTooManyValuesAreCounted) {
  for (const bool packed : {false, true}) {
    const auto file = [&](const std::string& bytes) { return packed ? gzipped(bytes) : bytes; };
    EXPECT_THAT([&] { read_idx(file(kSix.substr(0, 16)), "train-images"); },
                ThrowsMessage<DataError>("train-images: says 2 x 3 values, holds 4 of them"));
    EXPECT_THAT([&] { read_idx(file(kSix + "g"), "x"); }, ThrowsMessage<DataError>("x: says 2 x 3 values, holds more"));
  }
}

TEST(Idx, EveryTruncationIsAnError) {
  for (const std::string& bytes : {kSix, gzipped(kSix)})
    for (size_t size = 0; size < bytes.size(); ++size)
      EXPECT_THROW(read_idx(bytes.substr(0, size), "x"), DataError) << size;
}

TEST(Idx, ABombIsNotUnpackedBeyondItsHeader) {
  const std::string zeros = gzipped(kSix + std::string(50 << 20, '\0'));
  EXPECT_THAT([&] { read_idx(zeros, "x"); }, ThrowsMessage<DataError>(HasSubstr("holds more")));
}

TEST(Idx, ALyingHeaderTakesNoMemory) {
  EXPECT_THAT([] { read_idx(header({8, 1024, 1024, 1024}), "x"); },
              ThrowsMessage<DataError>(HasSubstr("holds 0 of them")));
  EXPECT_THAT([] { read_idx(header({0xffffffff, 0xffffffff, 0xffffffff}), "x"); },
              ThrowsMessage<DataError>(HasSubstr("at most")));
  EXPECT_THAT([] { read_idx(kSix, "x", 5); }, ThrowsMessage<DataError>("x: says 2 x 3 values; at most 5 are read"));
}

TEST(Idx, NothingIsAnArrayToo) {
  const ByteArray array = read_idx(header({0, 28, 28}), "x");
  EXPECT_THAT(array.extents, ElementsAre(0, 28, 28));
  EXPECT_TRUE(array.values.empty());
}

TEST(Idx, WhatIsNoIdxIsNamed) {
  EXPECT_THAT([] { read_idx("", "x"); }, ThrowsMessage<DataError>(HasSubstr("x: is no IDX file")));
  EXPECT_THAT([] { read_idx("\x89PNG....", "x"); }, ThrowsMessage<DataError>(HasSubstr("is no IDX file")));
  EXPECT_THAT([] { read_idx(header({1}, 0x0d) + "abcd", "x"); }, ThrowsMessage<DataError>(HasSubstr("0x0d")));
  EXPECT_THAT([] { read_idx(header({}), "x"); }, ThrowsMessage<DataError>(HasSubstr("no extents")));
  std::string damaged = gzipped(kSix);
  damaged[damaged.size() - 6] = char(damaged[damaged.size() - 6] ^ 1);  // its checksum
  EXPECT_THAT([&] { read_idx(damaged, "x"); }, ThrowsMessage<DataError>(HasSubstr("x: the file is damaged")));
}

TEST(Idx, ExtentsThatDoNotFitAreNotWritten) {
  EXPECT_THROW(write_idx({.extents = {2, 2}, .values = {1}}), ShapeError);
  EXPECT_THROW(write_idx({.extents = {}, .values = {1}}), ShapeError);
  EXPECT_THROW(write_idx({.extents = {int64_t(1) << 32, 0}}), ShapeError);
}

/// What the fuzz target idx_fuzz does.
TEST(Idx, SurvivesAnyByteChange) {
  std::mt19937 random(3);
  for (const std::string& bytes : {kSix, gzipped(kSix), header({3, 2, 1}) + "abcdef"})
    for (int i = 0; i < 2000; ++i) try {
        const ByteArray array = read_idx(mutated(bytes, random), "x", 1 << 20);
        int64_t count = 1;
        for (const int64_t extent : array.extents) count *= extent;
        EXPECT_EQ(count, int64_t(array.values.size()));
      } catch (const DataError&) {}
}

}  // namespace
}  // namespace figment
