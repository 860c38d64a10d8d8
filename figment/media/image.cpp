#include "figment/media/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "figment/base/error.h"
#include "figment/media/codecs.h"

namespace figment {
namespace {

void check_shape(const Image& image, std::string_view where) {
  if (image.width < 1 || image.height < 1 ||
      int64_t(image.pixels.size()) != image.width * image.height * image.channels)
    throw ShapeError(fmt::format("{}: {} x {} x {} needs as many pixels, got {}", where, image.width, image.height,
                                 image.channels, image.pixels.size()));
}

/// a * b / 255 of two bytes, rounded.
uint8_t share(int a, int b) { return uint8_t((a * b + 127) / 255); }

/// Rec. 601 in 16-bit fixed point; the weights sum to 65536, so grey keeps its value.
uint8_t luma(const uint8_t* rgb) { return uint8_t((rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 32768) >> 16); }

// ----------------------------------------------------------------------------------------------------------------
// resizing
constexpr int kFraction = 22;  // bits behind the point: 255 * 2^22 plus one half fits an int32

/// The source pixels that one target pixel is made of. The weights sum to 2^kFraction, but for rounding.
struct Taps {
  int64_t first = 0;
  std::vector<int32_t> weight = {};
};

/// A stretch of a row or column of `size` source pixels, fractions of pixels included.
struct Stretch {
  int64_t size = 0;
  double begin = 0, length = double(size);
  bool whole() const { return begin == 0 && length == double(size); }
};

/// The middle of a side, long enough to cover `to` pixels where the other side shrinks by `scale`.
Stretch middle(int64_t size, int64_t to, double scale) {
  const double length = std::min(double(size), double(to) * scale);
  return {.size = size, .begin = (double(size) - length) / 2, .length = length};
}

/// Triangle of half-width max(1, length / to) around each target pixel's centre, cut at the borders and normalised.
std::vector<Taps> triangle(const Stretch& from, int64_t to) {
  const double scale = from.length / double(to), half_width = std::max(1.0, scale);
  std::vector<Taps> all(static_cast<size_t>(to));
  std::vector<double> weight;
  for (int64_t i = 0; i < to; ++i) {
    const double centre = from.begin + (double(i) + 0.5) * scale;
    const auto first = std::max<int64_t>(0, int64_t(centre - half_width + 0.5));
    const auto end = std::min<int64_t>(from.size, int64_t(centre + half_width + 0.5));
    weight.clear();
    double sum = 0;
    for (int64_t k = first; k < end; ++k) {
      weight.push_back(std::max(0.0, 1 - std::abs((double(k) + 0.5 - centre) / half_width)));
      sum += weight.back();
    }
    Taps& taps = all[size_t(i)];
    taps.first = first;
    for (const double w : weight) taps.weight.push_back(int32_t(std::lround(w / sum * (1 << kFraction))));
  }
  return all;
}

uint8_t rounded(int32_t sum) { return uint8_t(std::clamp((sum + (1 << (kFraction - 1))) >> kFraction, 0, 255)); }

template <int channels>
void resize_rows(const Image& from, const std::vector<Taps>& taps, Image& to) {
  uint8_t* out = to.pixels.data();
  for (int64_t y = 0; y < from.height; ++y) {
    const uint8_t* row = from.pixels.data() + y * from.width * channels;
    for (const Taps& tap : taps) {
      int32_t sum[channels] = {};
      const uint8_t* pixel = row + tap.first * channels;
      for (const int32_t weight : tap.weight)
        for (int c = 0; c < channels; ++c) sum[c] += weight * *pixel++;
      for (int c = 0; c < channels; ++c) *out++ = rounded(sum[c]);
    }
  }
}

Image resized_in_width(const Image& from, const Stretch& stretch, int64_t width) {
  Image to{.width = width, .height = from.height, .channels = from.channels};
  to.pixels.resize(size_t(width * to.height * to.channels));
  const std::vector<Taps> taps = triangle(stretch, width);
  if (from.channels == 1)
    resize_rows<1>(from, taps, to);
  else if (from.channels == 3)
    resize_rows<3>(from, taps, to);
  else
    resize_rows<4>(from, taps, to);
  return to;
}

Image resized_in_height(const Image& from, const Stretch& stretch, int64_t height) {
  Image to{.width = from.width, .height = height, .channels = from.channels};
  const auto row = size_t(from.width * from.channels);
  to.pixels.resize(row * size_t(height));
  std::vector<int32_t> sum(row);
  uint8_t* out = to.pixels.data();
  for (const Taps& tap : triangle(stretch, height)) {
    std::fill(sum.begin(), sum.end(), 0);
    const uint8_t* source = from.pixels.data() + size_t(tap.first) * row;
    for (const int32_t weight : tap.weight) {
      for (size_t i = 0; i < row; ++i) sum[i] += weight * source[i];
      source += row;
    }
    for (size_t i = 0; i < row; ++i) *out++ = rounded(sum[i]);
  }
  return to;
}

/// Colour times alpha, or back: what is averaged must not show the colour of what cannot be seen.
void premultiply(Image& image) {
  for (size_t i = 0; i < image.pixels.size(); i += 4)
    for (size_t c = i; c < i + 3; ++c) image.pixels[c] = share(image.pixels[c], image.pixels[i + 3]);
}

Image resized(const Image& image, const Stretch& across, const Stretch& down, int64_t width, int64_t height) {
  check_shape(image, "resized");
  const bool known = image.channels == 1 || image.channels == 3 || image.channels == 4;
  if (!known || width < 1 || height < 1 || width > kMostPixels / height)
    throw ShapeError(fmt::format("resized: makes 1 to {} pixels of 1, 3 or 4 channels, got {} x {} x {}", kMostPixels,
                                 width, height, image.channels));
  const bool same_width = across.whole() && width == image.width, same_height = down.whole() && height == image.height;
  if (same_width && same_height) return image;
  Image out;
  const Image* from = &image;
  if (image.channels == 4) {
    out = image;
    premultiply(out);
    from = &out;
  }
  if (!same_width) {
    out = resized_in_width(*from, across, width);
    from = &out;
  }
  if (!same_height) out = resized_in_height(*from, down, height);
  if (out.channels == 4) unpremultiply(out);
  return out;
}

}  // namespace

void unpremultiply(Image& image) {
  for (size_t i = 0; i < image.pixels.size(); i += 4)
    if (const int alpha = image.pixels[i + 3]; alpha > 0)
      for (size_t c = i; c < i + 3; ++c)
        image.pixels[c] = uint8_t(std::min(255, (image.pixels[c] * 255 + alpha / 2) / alpha));
}

Image with_channels(const Image& image, int64_t channels, uint8_t background) {
  check_shape(image, "with_channels");
  const bool known = image.channels == 1 || image.channels == 3 || image.channels == 4;
  if (!known || (channels != 1 && channels != 3))
    throw ShapeError(
        fmt::format("with_channels: makes 1 or 3 channels of 1, 3 or 4, got {} of {}", channels, image.channels));
  if (channels == image.channels) return image;
  Image out{.width = image.width, .height = image.height, .channels = channels};
  out.pixels.reserve(size_t(image.width * image.height * channels));
  const uint8_t* end = image.pixels.data() + image.pixels.size();
  for (const uint8_t* pixel = image.pixels.data(); pixel < end; pixel += image.channels) {
    uint8_t rgb[3];
    for (int c = 0; c < 3; ++c) {
      rgb[c] = image.channels == 1 ? *pixel : pixel[c];
      if (image.channels == 4) rgb[c] = uint8_t((rgb[c] * pixel[3] + background * (255 - pixel[3]) + 127) / 255);
    }
    if (channels == 1)
      out.pixels.push_back(luma(rgb));
    else
      out.pixels.insert(out.pixels.end(), rgb, rgb + 3);
  }
  return out;
}

Image resized(const Image& image, int64_t width, int64_t height) {
  return resized(image, {.size = image.width}, {.size = image.height}, width, height);
}

Image resized_to_cover(const Image& image, int64_t width, int64_t height) {
  const double scale = std::min(double(image.width) / double(width), double(image.height) / double(height));
  return resized(image, middle(image.width, width, scale), middle(image.height, height, scale), width, height);
}

}  // namespace figment
