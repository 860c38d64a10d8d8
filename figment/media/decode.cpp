#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "figment/base/error.h"
#include "figment/base/text.h"
#include "figment/media/codecs.h"

namespace figment {
namespace {

constexpr std::array kCodecs = {&kPng, &kJpeg, &kWebp, &kGif, &kBmp, &kTiff};

/// The format's name where it is known by its first bytes, but not read.
std::string_view unread_format(std::string_view bytes) {
  constexpr std::string_view kJxl("\0\0\0\x0cJXL ", 8);
  if (bytes.starts_with("\xff\x0a") || bytes.starts_with(kJxl)) return "JPEG XL";
  if (bytes.starts_with("<svg") || (bytes.starts_with("<?xml") && bytes.find("<svg") < 4096)) return "SVG";
  if (bytes.size() < 12 || bytes.substr(4, 4) != "ftyp") return {};
  const std::string_view brand = bytes.substr(8, 4);
  if (brand == "avif" || brand == "avis") return "AVIF";
  constexpr std::array<std::string_view, 6> kHeic = {"heic", "heix", "hevc", "heim", "mif1", "msf1"};
  return std::ranges::find(kHeic, brand) != kHeic.end() ? "HEIC" : "";
}

[[noreturn]] void unknown_format(std::string_view bytes, std::string_view name) {
  if (bytes.empty()) throw DataError(fmt::format("{}: is empty", name));
  const auto unread = std::ranges::find(unread_formats(), unread_format(bytes), &UnreadFormat::name);
  if (unread != unread_formats().end())
    throw DataError(fmt::format("{}: is {}, which is not read; {} makes a PNG or JPEG of it", name, unread->name,
                                unread->converter));
  throw DataError(fmt::format("{}: is none of {}", name, kReadFormats));
}

const Codec& codec_of(std::string_view bytes, std::string_view name) {
  for (const Codec* codec : kCodecs)
    if (codec->recognises(bytes)) return *codec;
  unknown_format(bytes, name);
}

/// The picture as its orientation says it is to be seen.
Image turned(Image image, int orientation) {
  if (orientation == 1) return image;
  const bool transposed = orientation >= 5;
  const bool mirrored = orientation == 2 || orientation == 3 || orientation >= 7;
  const bool upside_down = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Image out{.width = image.width, .height = image.height, .channels = image.channels};
  if (transposed) std::swap(out.width, out.height);
  out.pixels.resize(image.pixels.size());
  uint8_t* to = out.pixels.data();
  for (int64_t y = 0; y < out.height; ++y)
    for (int64_t x = 0; x < out.width; ++x, to += out.channels) {
      int64_t across = transposed ? y : x, down = transposed ? x : y;
      if (mirrored) across = image.width - 1 - across;
      if (upside_down) down = image.height - 1 - down;
      std::copy_n(image.pixels.data() + (down * image.width + across) * image.channels, image.channels, to);
    }
  return out;
}

/// Calls `f` with each colour, not with alpha.
template <class Values>
void each_colour(Values& values, int64_t channels, const auto& f) {
  for (size_t i = 0; i < values.size(); ++i)
    if (channels < 4 || i % 4 != 3) f(values[i]);
}

ValueRange range_of(const auto& values, int64_t channels) {
  ValueRange range{.least = 65535, .most = 0};
  each_colour(values, channels, [&](int64_t value) {
    range.least = std::min(range.least, value);
    range.most = std::max(range.most, value);
  });
  return range;
}

uint8_t stretched(int64_t value, const ValueRange& range) {
  const int64_t width = range.most - range.least;
  return uint8_t(((std::clamp(value, range.least, range.most) - range.least) * 255 + width / 2) / width);
}

/// 16 bits to 8, rounded, as libpng does it.
uint8_t rounded(int value) {
  const int high = value >> 8, low = value & 0xff;
  return uint8_t(high + (((low - high + 128) * 65535) >> 24));
}

Image to_bytes(Decoded decoded, const std::optional<ValueRange>& range) {
  Image& image = decoded.image;
  if (!decoded.deep.empty()) {
    image.pixels.resize(decoded.deep.size());
    std::ranges::transform(decoded.deep, image.pixels.begin(), rounded);
  }
  if (!range) return std::move(image);
  if (decoded.deep.empty()) {
    each_colour(image.pixels, image.channels, [&](uint8_t& value) { value = stretched(value, *range); });
  } else {
    size_t i = 0;
    for (uint8_t& value : image.pixels) {
      if (image.channels < 4 || i % 4 != 3) value = stretched(decoded.deep[i], *range);
      ++i;
    }
  }
  return std::move(image);
}

}  // namespace

const std::vector<UnreadFormat>& unread_formats() {
  static const std::vector<UnreadFormat> formats = {
      {"HEIC", {".heic", ".heif"}, "heif-convert (Debian package libheif-examples)"},
      {"AVIF", {".avif", ".avifs"}, "avifdec (Debian package libavif-bin)"},
      {"JPEG XL", {".jxl"}, "djxl (Debian package libjxl-tools)"},
      {"SVG", {".svg", ".svgz"}, "rsvg-convert (Debian package librsvg2-bin)"},
      {"a camera's raw format",
       {".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf"},
       "dcraw_emu (Debian package libraw-bin)"},
      {"JPEG 2000, PSD, PNM, TGA, EXR, HDR or ICO",
       {".jp2", ".psd", ".tga", ".ppm", ".pgm", ".pbm", ".pnm", ".exr", ".hdr", ".ico"},
       "convert (Debian package imagemagick)"},
  };
  return formats;
}

void check_extents(const ImageInfo& info, std::string_view name) {
  if (info.width < 1 || info.height < 1)
    throw DataError(fmt::format("{}: is {} x {} pixels; nothing is in it", name, info.width, info.height));
  if (info.width > kMostPixels / info.height)
    throw DataError(fmt::format("{}: is {} x {} pixels; at most {} are read", name, info.width, info.height,
                                with_commas(kMostPixels)));
}

Image first_channel(const Image& image) {
  Image out{.width = image.width, .height = image.height, .channels = 1};
  for (size_t i = 0; i < image.pixels.size(); i += size_t(image.channels)) out.pixels.push_back(image.pixels[i]);
  return out;
}

ImageInfo image_info(std::string_view bytes, std::string_view name) {
  ImageInfo info = codec_of(bytes, name).info(bytes, name);
  if (info.orientation >= 5) std::swap(info.width, info.height);
  return info;
}

Image decode_image(std::string_view bytes, std::string_view name, const Decoding& decoding, ValueRange* found) {
  const Codec& codec = codec_of(bytes, name);
  const int orientation = codec.info(bytes, name).orientation;
  const bool transposed = orientation >= 5;
  Decoded decoded = codec.decode(bytes, name, transposed ? decoding.height : decoding.width,
                                 transposed ? decoding.width : decoding.height);
  if (found)
    *found = decoded.deep.empty() ? range_of(decoded.image.pixels, decoded.image.channels)
                                  : range_of(decoded.deep, decoded.image.channels);
  return turned(to_bytes(std::move(decoded), decoding.range), orientation);
}

}  // namespace figment
