// The chunks that a PNG is made of. Only this room includes it.
#pragma once
#include <fmt/format.h>
#include <libdeflate.h>

#include <cstdint>
#include <string_view>

#include "figment/base/error.h"
#include "figment/media/codecs.h"

namespace figment {

inline constexpr std::string_view kPngMagic("\x89PNG\r\n\x1a\n", 8);
inline constexpr size_t kFrame = 12;  // length, type and checksum around a chunk's data
inline constexpr int64_t kLongestChunk = 0x7fffffff;

struct Chunk {
  std::string_view type, data;
};

inline uint32_t checksum(std::string_view bytes) { return libdeflate_crc32(0, bytes.data(), bytes.size()); }

/// The chunk that begins at `at`, which moves behind it.
inline Chunk next_chunk(std::string_view bytes, size_t& at, std::string_view name) {
  if (bytes.size() - at < kFrame)
    throw DataError(fmt::format("{}: the file is truncated at byte {}", name, bytes.size()));
  const int64_t length = big_endian(bytes, at, 4);
  if (length > kLongestChunk || size_t(length) > bytes.size() - at - kFrame)
    throw DataError(fmt::format("{}: the file is truncated at byte {}", name, bytes.size()));
  const Chunk chunk{bytes.substr(at + 4, 4), bytes.substr(at + 8, size_t(length))};
  if (big_endian(bytes, at + 8 + size_t(length), 4) != checksum(bytes.substr(at + 4, size_t(length) + 4)))
    throw DataError(fmt::format("{}: the file is damaged at byte {}", name, at));
  at += kFrame + size_t(length);
  return chunk;
}

}  // namespace figment
