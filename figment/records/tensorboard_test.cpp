#include "figment/records/tensorboard.h"

#include <gmock/gmock.h>

#include <cstring>
#include <map>
#include <stdexcept>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/test_folder.h"
#include "figment/media/image.h"

namespace figment {
namespace {
namespace fs = std::filesystem;

class TensorBoardTest : public OwnFolder {
 protected:
  std::vector<fs::path> files() const { return {fs::directory_iterator(folder), {}}; }
};

template <class T>
T number(std::string_view bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

/// The payloads of a TFRecord file; both checksums of each are recomputed bit by bit.
std::vector<std::string> records(std::string_view file) {
  const auto masked = [](std::string_view bytes) {
    uint32_t crc = ~0u;
    for (const char byte : bytes) {
      crc ^= uint8_t(byte);
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0x82F63B78u & (0u - (crc & 1u)));
    }
    crc = ~crc;
    return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
  };
  std::vector<std::string> all;
  while (!file.empty()) {
    const auto length = number<uint64_t>(file);
    if (number<uint32_t>(file.substr(8)) != masked(file.substr(0, 8))) throw std::runtime_error("checksum of a length");
    all.emplace_back(file.substr(12, length));
    if (number<uint32_t>(file.substr(12 + length)) != masked(all.back()))
      throw std::runtime_error("checksum of a record");
    file.remove_prefix(16 + length);
  }
  return all;
}

/// Fields of one message: number → raw value (varints as 8 bytes).
using Message = std::multimap<uint64_t, std::string>;
Message parse(std::string_view bytes) {
  const auto varint = [&] {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = uint8_t(bytes.at(0));
      bytes.remove_prefix(1);
      value |= uint64_t(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const auto take = [&](size_t count) {
    std::string value(bytes.substr(0, count));
    bytes.remove_prefix(count);
    return value;
  };
  Message message;
  while (!bytes.empty()) {
    const uint64_t key = varint();
    switch (key & 7) {
      case 0: {
        const uint64_t value = varint();
        message.emplace(key >> 3, std::string(reinterpret_cast<const char*>(&value), 8));
        break;
      }
      case 1:
        message.emplace(key >> 3, take(8));
        break;
      case 2:
        message.emplace(key >> 3, take(varint()));
        break;
      case 5:
        message.emplace(key >> 3, take(4));
        break;
      default:
        throw std::runtime_error("kind of field");
    }
  }
  return message;
}
std::string at(const Message& message, uint64_t field) {
  const auto found = message.find(field);
  return found == message.end() ? "" : found->second;
}
Message value_of(const std::string& record) { return parse(at(parse(at(parse(record), 5)), 1)); }
int64_t step_of(const std::string& record) { return number<int64_t>(at(parse(record), 2)); }

TEST(Crc32c, MatchesThePublishedVectors) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);  // RFC 3720, B.4
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43u);
  EXPECT_EQ(crc32c(""), 0u);
}

TEST_F(TensorBoardTest, BeginsWithItsVersionAndWhereTheStartBegins) {
  TensorBoardFile file(folder, 3000);
  ASSERT_EQ(files().size(), 1u);
  EXPECT_THAT(files()[0].filename().string(),
              testing::MatchesRegex("events\\.out\\.tfevents\\.[0-9]+\\.[0-9]+\\.figment"));
  const auto all = records(read_file(files()[0]));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(at(parse(all[0]), 3), "brain.Event:2");
  EXPECT_GT(number<double>(at(parse(all[0]), 1)), 1.7e9);
  EXPECT_EQ(step_of(all[1]), 3000);
  EXPECT_EQ(number<int64_t>(at(parse(at(parse(all[1]), 7)), 1)), 1);  // SessionLog.START
}

TEST_F(TensorBoardTest, ScalarsKeepNameValueAndImages) {
  TensorBoardFile file(folder);
  file.take({.images = 60000, .name = "train/loss", .value = 239.5});
  file.take({.images = 1LL << 40, .name = "train/loss", .value = -0.25});
  file.take({.kind = Event::Kind::kProgress, .images = 7, .value = 1234});
  const auto all = records(read_file(files()[0]));
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(step_of(all[2]), 60000);
  EXPECT_EQ(at(value_of(all[2]), 1), "train/loss");
  EXPECT_EQ(number<float>(at(value_of(all[2]), 2)), 239.5f);
  EXPECT_EQ(step_of(all[3]), 1LL << 40);
  EXPECT_EQ(number<float>(at(value_of(all[3]), 2)), -0.25f);
  EXPECT_EQ(at(value_of(all[4]), 1), "speed/images_a_second");
}

TEST_F(TensorBoardTest, TextIsUtf8) {  // a reader of protocol buffers stops at a string that is none
  TensorBoardFile file(folder);
  file.take({.kind = Event::Kind::kWarning, .text = "class \xff\nof two lines"});
  const Message tensor = parse(at(value_of(records(read_file(files()[0]))[2]), 8));
  EXPECT_EQ(at(tensor, 8), "class \\xff\nof two lines");
}

TEST_F(TensorBoardTest, PicturesAreTheBytesOfTheRunFolder) {
  const std::string png = encode_png({.width = 3, .height = 2, .channels = 1, .pixels = {0, 50, 100, 150, 200, 255}});
  fs::create_directories(folder / "run" / "samples");
  write_file(folder / "run" / "samples" / "000000010.png", png);
  TensorBoardFile file(folder / "run");
  file.take({.kind = Event::Kind::kImage, .images = 10, .name = "samples", .text = "samples/000000010.png"});
  file.take({.kind = Event::Kind::kImage, .images = 20, .name = "samples", .text = "samples/missing.png"});
  for (const auto& entry : fs::directory_iterator(folder / "run"))
    if (entry.is_regular_file()) {
      const auto all = records(read_file(entry));
      ASSERT_EQ(all.size(), 3u) << "a missing picture leaves nothing";
      const Message image = parse(at(value_of(all[2]), 4));
      EXPECT_EQ(number<int64_t>(at(image, 1)), 2);  // height
      EXPECT_EQ(number<int64_t>(at(image, 2)), 3);  // width
      EXPECT_EQ(number<int64_t>(at(image, 3)), 1);  // grey
      EXPECT_EQ(at(image, 4), png);
    }
}

TEST_F(TensorBoardTest, WarningsAreText) {
  TensorBoardFile file(folder);
  file.take({.kind = Event::Kind::kWarning, .images = 5, .text = "posterior collapse"});
  const Message value = value_of(records(read_file(files()[0])).at(2));
  EXPECT_EQ(at(value, 1), "warnings");
  EXPECT_EQ(at(parse(at(parse(at(value, 9)), 1)), 1), "text");
  EXPECT_EQ(number<int64_t>(at(parse(at(value, 8)), 1)), 7);  // DT_STRING
  EXPECT_EQ(at(parse(at(value, 8)), 8), "posterior collapse");
}

TEST_F(TensorBoardTest, EveryStartHasAFileOfItsOwn) {
  TensorBoardFile first(folder), second(folder, 100);
  EXPECT_EQ(files().size(), 2u);
}

TEST_F(TensorBoardTest, AFolderThatIsNotThereIsASentence) { EXPECT_THROW(TensorBoardFile(folder / "no"), FileError); }

}  // namespace
}  // namespace figment
