#include "figment/records/tensorboard.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <chrono>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/printable.h"
#include "figment/media/image.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

constexpr std::array<uint32_t, 256> kCrcTable = [] {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? 0x82F63B78u : 0u);
    table[i] = value;
  }
  return table;
}();

template <class T>
std::string little_endian(T value) {
  std::string bytes;
  for (size_t i = 0; i < sizeof value; ++i) bytes += char(value >> 8 * i & 0xff);
  return bytes;
}

/// What TFRecord stores of a checksum, so that a file of files does not checksum its own checksums.
std::string masked_crc(std::string_view bytes) {
  return little_endian<uint32_t>(std::rotr(crc32c(bytes), 15) + 0xa282ead8u);
}

// Protocol buffers, wire format: a message is its fields one after another, each a key (number and kind) and a value.
// https://protobuf.dev/programming-guides/encoding; numbers from TensorFlow's event.proto, summary.proto, tensor.proto.
enum Kind : uint64_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += char(value | 0x80);
  return bytes + char(value);
}
std::string key(uint64_t number, Kind kind) { return varint(number << 3 | kind); }
std::string integer(uint64_t number, int64_t value) { return key(number, kVarint) + varint(uint64_t(value)); }
std::string real64(uint64_t number, double value) {
  return key(number, kFixed64) + little_endian(std::bit_cast<uint64_t>(value));
}
std::string real32(uint64_t number, float value) {
  return key(number, kFixed32) + little_endian(std::bit_cast<uint32_t>(value));
}
std::string bytes(uint64_t number, std::string_view value) {
  return key(number, kBytes) + varint(value.size()) + std::string(value);
}

double now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::string event(int64_t images, const std::string& what) { return real64(1, now()) + integer(2, images) + what; }

std::string summary(std::string_view tag, const std::string& value) {
  return bytes(5, bytes(1, bytes(1, printable(tag)) + value));  // a string that is no UTF-8 makes readers fail
}

std::string scalar(std::string_view tag, double value) { return summary(tag, real32(2, float(value))); }

std::string image(std::string_view tag, const std::string& png) {
  const ImageInfo info = image_info(png, tag);
  // TensorFlow numbers colour spaces by their channels.
  const int64_t channels = info.mode == "grey" ? 1 : info.mode == "rgba" ? 4 : 3;
  return summary(tag,
                 bytes(4, integer(1, info.height) + integer(2, info.width) + integer(3, channels) + bytes(4, png)));
}

std::string text(std::string_view tag, std::string_view words) {
  constexpr int64_t kString = 7;
  const std::string one_element = bytes(2, bytes(2, integer(1, 1)));
  return summary(tag, bytes(9, bytes(1, bytes(1, "text"))) +
                          bytes(8, integer(1, kString) + one_element + bytes(8, printable(words, Lines::kMany))));
}

fs::path fresh_name(const fs::path& folder) {
  for (int again = 0;; ++again) {
    const fs::path path = folder / fmt::format("events.out.tfevents.{}.{}{}.figment", int64_t(now()), ::getpid(),
                                               again > 0 ? fmt::format("-{}", again) : "");
    if (!is_there(path)) return path;
  }
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  uint32_t crc = 0xffffffffu;
  for (const char byte : bytes) crc = crc >> 8 ^ kCrcTable[(crc ^ uint8_t(byte)) & 0xff];
  return ~crc;
}

TensorBoardFile::TensorBoardFile(fs::path run_folder, int64_t images)
    : folder_(std::move(run_folder)), file_(fresh_name(folder_), AppendFile::Open::kNew) {
  constexpr int64_t kStart = 1;
  write(event(0, bytes(3, "brain.Event:2")));
  write(event(images, bytes(7, integer(1, kStart))));
}

void TensorBoardFile::take(const Event& e) {
  switch (e.kind) {
    case Event::Kind::kScalar:
      return write(event(e.images, scalar(e.name, e.value)));
    case Event::Kind::kStarted:
      return;
    case Event::Kind::kProgress:
      return write(event(e.images, scalar("speed/images_a_second", e.value)));
    case Event::Kind::kWarning:
      return write(event(e.images, text("warnings", e.text)));
    case Event::Kind::kImage: {
      std::string picture;
      try {
        picture = image(e.name, read_file(folder_ / e.text));
      } catch (const Error&) {
        return;  // the picture is gone or damaged; a log is no reason to stop a training
      }
      return write(event(e.images, picture));
    }
    case Event::Kind::kCheckpoint:
    case Event::Kind::kFinished:
      return;
  }
}

void TensorBoardFile::write(std::string_view event) {
  const std::string length = little_endian(uint64_t(event.size()));
  file_.append(length + masked_crc(length) + std::string(event) + masked_crc(event));
}

}  // namespace figment
