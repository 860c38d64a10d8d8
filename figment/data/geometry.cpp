#include "figment/data/geometry.h"

#include <fmt/format.h>

#include <algorithm>

#include "figment/base/error.h"
#include "figment/data/random.h"
#include "figment/tensor/images.h"

namespace figment {
namespace {

// Which of an example's random choices it is: changing a number changes what every run saw.
constexpr uint64_t kFlipStream = 1, kTopStream = 2, kLeftStream = 3;

constexpr double kLeastPixels = 0.01;  // shares are rounded: a thinner box is one that ends at the crop's edge

/// Uniform in [0, count).
int64_t below(int64_t count, uint64_t random) {
  return int64_t((static_cast<unsigned __int128>(random) * uint64_t(count)) >> 64);
}

void convert(const uint8_t* from, int64_t count, float* to) {
  for (int64_t i = 0; i < count; ++i) to[i] = signed_value(from[i]);
}

void convert_mirrored(const uint8_t* from, int64_t count, float* to) {
  for (int64_t i = 0; i < count; ++i) to[i] = signed_value(from[count - 1 - i]);
}

}  // namespace

GeometryOptions geometry_options(const DataOptions& options, Split split, bool augmented) {
  const bool random = augmented && split == Split::kTrain;
  return {.crop = options.crop, .random_crop = random && options.crop > 0, .flip = random && options.flip};
}

std::string described(const GeometryOptions& options) {
  std::string text = options.random_crop ? fmt::format("random crop of {}", options.crop) : "";
  if (options.flip) text += text.empty() ? "flip" : ", flip";
  return text;
}

Geometry geometry_of(uint64_t seed, const GeometryOptions& options, const PixelSpec& stored) {
  Geometry geometry{.height = stored.height, .width = stored.width};
  if (options.crop > 0) {
    const int64_t down = stored.height - options.crop, across = stored.width - options.crop;
    geometry = {.top = down / 2, .left = across / 2, .height = options.crop, .width = options.crop};
    if (options.random_crop) {
      geometry.top = below(down + 1, mixed(seed, kTopStream));
      geometry.left = below(across + 1, mixed(seed, kLeftStream));
    }
  }
  geometry.mirrored = options.flip && (mixed(seed, kFlipStream) & 1);
  return geometry;
}

PixelSpec cropped(const PixelSpec& stored, const GeometryOptions& options) {
  if (options.crop == 0) return stored;
  if (options.crop > std::min(stored.height, stored.width))
    throw ConfigError(fmt::format("data.crop must be at most the size of the images, {} x {}, got {}; lower it",
                                  stored.width, stored.height, options.crop));
  PixelSpec spec = stored;
  spec.height = spec.width = options.crop;
  return spec;
}

void copy_shown(const uint8_t* picture, const PixelSpec& stored, const Geometry& g, float* to) {
  if (!g.mirrored && g.height == stored.height && g.width == stored.width) {
    convert(picture, stored.dimensions(), to);
    return;
  }
  for (int64_t channel = 0; channel < stored.channels; ++channel)
    for (int64_t row = 0; row < g.height; ++row, to += g.width) {
      const uint8_t* from = picture + (channel * stored.height + g.top + row) * stored.width + g.left;
      if (g.mirrored)
        convert_mirrored(from, g.width, to);
      else
        convert(from, g.width, to);
    }
}

std::optional<Box> shown(const Box& box, const PixelSpec& stored, const Geometry& g) {
  const auto within = [](double begin, double length, int64_t extent, int64_t first, int64_t count) {
    const double scale = double(extent) / double(count), offset = double(first) / double(count);
    return std::pair(std::max(0., begin * scale - offset), std::min(1., (begin + length) * scale - offset));
  };
  auto [left, right] = within(box.left, box.width, stored.width, g.left, g.width);
  const auto [top, bottom] = within(box.top, box.height, stored.height, g.top, g.height);
  if ((right - left) * double(g.width) < kLeastPixels || (bottom - top) * double(g.height) < kLeastPixels)
    return std::nullopt;
  if (g.mirrored) left = 1 - std::exchange(right, 1 - left);
  return Box{.left = float(left), .top = float(top), .width = float(right - left), .height = float(bottom - top)};
}

}  // namespace figment
