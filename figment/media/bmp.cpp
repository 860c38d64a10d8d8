#include <fmt/format.h>

#include <memory>

#include "figment/base/error.h"
#include "figment/media/codecs.h"

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Wsign-compare"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace figment {
namespace {

constexpr size_t kFileHeader = 14, kCoreHeader = 12, kLeastHeader = 40;
constexpr int64_t kPlain = 0, kMasks = 3;  // how the pixels are stored

struct Header {
  ImageInfo info;
  int64_t storage = kPlain;
  size_t pixels = 0;  // where they begin
};

/// Whether all entries of the palette are grey.
bool is_grey(std::string_view bytes, size_t first, size_t end, size_t entry) {
  for (; first + entry <= end; first += entry)
    if (bytes[first] != bytes[first + 1] || bytes[first] != bytes[first + 2]) return false;
  return true;
}

/// Whether every pixel of at most 8 bits is one of the palette's colours. stb_image would show whatever its memory
/// holds.
bool are_in_palette(std::string_view rows, const ImageInfo& info, int64_t bits, int64_t entries) {
  if (entries >= int64_t(1) << bits) return true;
  const int64_t row_bytes = int64_t(rows.size()) / info.height;
  for (int64_t y = 0; y < info.height; ++y)
    for (int64_t x = 0; x < info.width; ++x) {
      const auto byte = static_cast<uint8_t>(rows[size_t(y * row_bytes + x * bits / 8)]);
      if ((byte >> (8 - bits - x * bits % 8) & ((1 << bits) - 1)) >= entries) return false;
    }
  return true;
}

/// stb_image reads what is missing at a file's end as zeros, so what the header promises is compared with the bytes
/// here.
Header read_header(std::string_view bytes, std::string_view name) {
  const auto number = [&](size_t at, size_t count) { return little_endian(bytes, kFileHeader + at, count); };
  const auto missing = [&] { return DataError(fmt::format("{}: the file is truncated before its first row", name)); };
  if (bytes.size() < kFileHeader + 4) throw missing();
  const auto size = size_t(number(0, 4));
  if (size != kCoreHeader && size < kLeastHeader)
    throw DataError(fmt::format("{}: the file is damaged: its header has {} bytes", name, size));
  if (bytes.size() - kFileHeader < size) throw missing();
  const bool core = size == kCoreHeader;
  const int64_t width = core ? number(4, 2) : int32_t(number(4, 4)), rows = core ? number(6, 2) : int32_t(number(8, 4));
  Header header{.info = {.format = "bmp", .mode = "rgb", .width = width, .height = std::abs(rows)},
                .storage = core ? kPlain : number(16, 4),
                .pixels = size_t(little_endian(bytes, 10, 4))};
  const int64_t bits = core ? number(10, 2) : number(14, 2);
  check_extents(header.info, name);
  if (header.storage != kPlain && header.storage != kMasks)
    throw DataError(fmt::format("{}: is a compressed BMP, which is not read; save it uncompressed or as PNG", name));
  const bool known = bits == 1 || bits == 4 || bits == 8 || bits == 16 || bits == 24 || bits == 32;
  if (!known) throw DataError(fmt::format("{}: is a BMP of {} bits, which is not read", name, bits));
  const int64_t row_bytes = (width * bits + 31) / 32 * 4;
  if (header.pixels > bytes.size() || row_bytes * header.info.height > int64_t(bytes.size() - header.pixels))
    throw DataError(fmt::format("{}: the file is truncated: it ends within its rows", name));
  if (bits <= 8) {
    const size_t palette = kFileHeader + size, entry = core ? 3 : 4;
    header.info.mode = is_grey(bytes, palette, header.pixels, entry) ? "grey" : "palette";
    const int64_t lost = core ? 4 : 0;  // stb_image takes the older header for longer than it is
    const int64_t entries = header.pixels < palette ? 0 : int64_t((header.pixels - palette) / entry) - lost;
    if (!are_in_palette(bytes.substr(header.pixels, size_t(row_bytes * header.info.height)), header.info, bits,
                        entries))
      throw DataError(
          fmt::format("{}: the file is damaged: the number of a pixel's colour is beyond the palette", name));
  }
  if (bits >= 16 && header.storage != kPlain) header.info.mode = "rgba";
  return header;
}

ImageInfo bmp_info(std::string_view bytes, std::string_view name) { return read_header(bytes, name).info; }

Decoded decode_bmp(std::string_view bytes, std::string_view name, int64_t, int64_t) {
  const Header header = read_header(bytes, name);
  int width = 0, height = 0, channels = 0;
  const int wanted = header.info.mode == "rgba" ? 4 : 3;  // the fourth byte of a plain pixel means nothing
  const std::unique_ptr<stbi_uc, decltype(&stbi_image_free)> pixels(
      stbi_load_from_memory(reinterpret_cast<const stbi_uc*>(bytes.data()), int(bytes.size()), &width, &height,
                            &channels, wanted),
      stbi_image_free);
  if (!pixels || width != header.info.width || height != header.info.height)
    throw DataError(fmt::format("{}: the file is damaged, or of a kind of BMP that is not read: {}", name,
                                pixels ? "its extents" : stbi_failure_reason()));
  Image image{.width = width, .height = height, .channels = wanted};
  image.pixels.assign(pixels.get(), pixels.get() + image.width * image.height * image.channels);
  return {.image = header.info.mode == "grey" ? first_channel(image) : std::move(image)};
}

}  // namespace

const Codec kBmp{.recognises = [](std::string_view bytes) { return bytes.starts_with("BM"); },
                 .info = bmp_info,
                 .decode = decode_bmp};

}  // namespace figment
