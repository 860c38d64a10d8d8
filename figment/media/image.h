// A picture in memory and the files it comes from and goes to. Free of the engine; every reader takes untrusted bytes.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace figment {

struct Image {
  int64_t width = 0, height = 0, channels = 0;  ///< channels: 1 grey, 3 RGB, 4 RGB and alpha (not premultiplied)
  std::vector<uint8_t> pixels = {};             ///< [height, width, channels], interleaved
};

/// An image with its words.
struct Picture {
  std::string name = {}, caption = {};
  Image image = {};
};

/// Largest picture that is decoded, in pixels: a larger one is a pixel bomb or not meant for training.
inline constexpr int64_t kMostPixels = int64_t(1) << 26;

/// The formats that are read, for sentences.
inline constexpr std::string_view kReadFormats = "PNG, JPEG, WebP, GIF, BMP and TIFF";

/// What the file was before it was brought to 8 bits: for reports.
struct ImageInfo {
  std::string format = {};                  ///< "png", "jpeg", "webp", "gif", "bmp", "tiff"
  std::string mode = {};                    ///< "grey", "grey+alpha", "rgb", "rgba", "palette", "cmyk"
  int64_t width = 0, height = 0, bits = 8;  ///< extents as the picture is shown: after it was turned; bits of a
                                            ///< channel, 8 where a format's reader halves 16
  int orientation = 1;                      ///< how it lies in the file, 1 (as it is shown) to 8: EXIF 2.3, 4.6.4 A
};

/// Values of a file's colours: up to 65,535 where the file has 16 bits a channel, else up to 255.
struct ValueRange {
  int64_t least = 0, most = 0;
};

/// What a picture is decoded for.
struct Decoding {
  /// Extents that it will be resized to cover: a JPEG comes at a half, a quarter or an eighth of its size, the least
  /// that still has twice these extents. Its transform does that for less than the whole would cost, and a triangle
  /// filter over what is left differs little from one over the whole.
  int64_t width = kMostPixels, height = kMostPixels;
  /// These values become 0 and 255, what lies outside is cut. Nothing: all that the file's bits can hold.
  std::optional<ValueRange> range = {};
};

/// Decodes a picture by its content, not by its name; of several pictures in a file the first. It is turned as its EXIF
/// orientation says. 16 bits are rounded to 8, palettes and transparency expanded, CMYK converted. Grey stays one
/// channel; alpha stays a channel. `found`: the least and the greatest value of its colours. Throws DataError: "x.png:
/// the file is truncated after row 7".
Image decode_image(std::string_view bytes, std::string_view name, const Decoding& = {}, ValueRange* found = nullptr);
/// Looks at the headers only.
ImageInfo image_info(std::string_view bytes, std::string_view name);

/// A format of pictures that is not read.
struct UnreadFormat {
  std::string_view name;
  std::vector<std::string_view> endings;  ///< of files' names, in small letters
  std::string_view converter;             ///< a program that makes one of it that is read
};
const std::vector<UnreadFormat>& unread_formats();

/// A decoded picture brought to `channels` (1 or 3): colour to grey by Rec. 601 luma, alpha laid over `background` (0
/// to 255).
Image with_channels(const Image&, int64_t channels, uint8_t background = 255);

/// Separable triangle filter with antialiasing, the one of PIL and torchvision (`antialias=True`). Same extents: a
/// copy.
Image resized(const Image&, int64_t width, int64_t height);
/// The largest centred square (or rectangle of that aspect) resized, fractions of pixels included: PIL's
/// ImageOps.fit.
Image resized_to_cover(const Image&, int64_t width, int64_t height);

/// PNG bytes of 8 bits; `text` becomes tEXt chunks (Latin-1 keys, UTF-8 values as iTXt where needed).
std::string encode_png(const Image&, const std::map<std::string, std::string>& text = {});
std::map<std::string, std::string> png_text(std::string_view bytes, std::string_view name);

}  // namespace figment
