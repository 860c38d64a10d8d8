// A picture in memory and the files it comes from and goes to. Free of the engine; every reader takes untrusted bytes.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
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

/// What the file was before it was brought to 8 bits: for reports.
struct ImageInfo {
  std::string format = {};  ///< "png", "jpeg"
  std::string mode = {};    ///< "grey", "grey+alpha", "rgb", "rgba", "palette", "cmyk"
  int64_t width = 0, height = 0, bits = 8;
};

/// Decodes PNG or JPEG by content, not by name. 16 bits are rounded to 8, palettes and transparency expanded, CMYK
/// converted. Grey stays one channel; alpha stays a channel. Throws DataError: "x.png: the file is truncated after row
/// 7".
Image decode_image(std::string_view bytes, std::string_view name, ImageInfo* info = nullptr);
/// The same for a picture that will be resized to cover `width` x `height`: a JPEG comes at a half, a quarter or an
/// eighth of its size, the least that still has twice these extents. Its transform does that for less than the whole
/// would cost, and a triangle filter over what is left differs little from one over the whole.
Image decode_to_cover(std::string_view bytes, std::string_view name, int64_t width, int64_t height);
/// Looks at the header only.
ImageInfo image_info(std::string_view bytes, std::string_view name);

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
