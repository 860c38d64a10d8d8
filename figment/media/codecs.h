// What decode_image is made of: one reader for each format, and the checks they share. Only this room includes it.
#pragma once
#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "figment/media/image.h"

namespace figment {

/// What a reader makes of a file, before its values are brought to the range that is wanted and it is turned.
struct Decoded {
  Image image = {};                 ///< of 8 bits; where `deep` holds something it has extents and no pixels
  std::vector<uint16_t> deep = {};  ///< the values of a file with 16 bits
};

/// One format. `info` reads headers only and has called check_extents. Both throw DataError.
struct Codec {
  bool (*recognises)(std::string_view bytes);
  ImageInfo (*info)(std::string_view bytes, std::string_view name);
  /// `width`, `height`: as decode_to_cover says, for the picture as it lies in the file.
  Decoded (*decode)(std::string_view bytes, std::string_view name, int64_t width, int64_t height);
};
extern const Codec kPng, kJpeg, kWebp, kGif, kBmp, kTiff;

/// The number that `count` bytes from `at` spell, highest byte first. The caller has checked that they are there.
inline int64_t big_endian(std::string_view bytes, size_t at, size_t count) {
  int64_t value = 0;
  for (size_t i = at; i < at + count; ++i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}
/// The same, lowest byte first.
inline int64_t little_endian(std::string_view bytes, size_t at, size_t count) {
  int64_t value = 0;
  for (size_t i = at + count; i > at; --i) value = value << 8 | static_cast<uint8_t>(bytes[i - 1]);
  return value;
}

/// The orientation, 1 to 8, that EXIF's block states (EXIF 2.3, 4.6.2 and 4.6.4 A); 0 where it states none.
int exif_orientation(std::string_view block);

/// The same of an XMP packet (XMP part 2, 2.6): the property tiff:Orientation.
int xmp_orientation(std::string_view packet);

/// What a file says in two places, each 0 where it says nothing: EXIF counts before XMP; without both it lies as it is
/// seen, 1.
inline int orientation_by(int exif, int xmp) { return exif > 0 ? exif : std::max(xmp, 1); }

/// Throws DataError when an extent is 0 or the picture has more than kMostPixels.
void check_extents(const ImageInfo&, std::string_view name);

/// Colour divided by alpha, for a picture whose colour is stored times alpha.
void unpremultiply(Image&);

/// The first of three equal channels.
Image first_channel(const Image&);

}  // namespace figment
