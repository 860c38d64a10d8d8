// What decode_image is made of: one reader for each format, and the checks they share. Only this room includes it.
#pragma once
#include <cstdint>
#include <string_view>

#include "figment/media/image.h"

namespace figment {

inline constexpr std::string_view kPngMagic("\x89PNG\r\n\x1a\n", 8);
inline constexpr std::string_view kJpegMagic("\xff\xd8\xff", 3);

/// The number that `count` bytes from `at` spell, highest byte first. The caller has checked that they are there.
inline int64_t big_endian(std::string_view bytes, size_t at, size_t count) {
  int64_t value = 0;
  for (size_t i = at; i < at + count; ++i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

/// Throws DataError when an extent is 0 or the picture has more than kMostPixels.
void check_extents(const ImageInfo&, std::string_view name);

/// Both read the header only and have called check_extents.
ImageInfo png_info(std::string_view bytes, std::string_view name);
ImageInfo jpeg_info(std::string_view bytes, std::string_view name);

Image decode_png(std::string_view bytes, std::string_view name);
/// As decode_to_cover says.
Image decode_jpeg(std::string_view bytes, std::string_view name, int64_t width, int64_t height);

}  // namespace figment
