// Which part of a stored picture an example shows. It is decided once for each draw and applied to everything that has
// a place in the picture, so that a picture, its partner and its boxes stay together.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "figment/contracts/spec.h"
#include "figment/data/options.h"

namespace figment {

/// A rectangle of a picture, in pixels, mirrored left to right after it was cut out.
struct Geometry {
  int64_t top = 0, left = 0, height = 0, width = 0;
  bool mirrored = false;
};

/// How the geometry follows from a draw's seed.
struct GeometryOptions {
  int64_t crop = 0;          ///< side of the square that is cut out; 0: the whole picture
  bool random_crop = false;  ///< at a random place; otherwise the centre
  bool flip = false;         ///< mirrored with probability 1/2
};

/// Random crops and flips are for training images alone; `augmented` false: not for them either.
GeometryOptions geometry_options(const DataOptions&, Split, bool augmented);

/// What the seed changes, in words: "random crop of 24, flip"; empty where it changes nothing.
std::string described(const GeometryOptions&);

/// The same seed, options and extents give the same geometry.
Geometry geometry_of(uint64_t seed, const GeometryOptions&, const PixelSpec& stored);

/// `stored` with the extents that examples have. Throws ConfigError where the crop is larger than the picture.
PixelSpec cropped(const PixelSpec& stored, const GeometryOptions&);

/// The part of a picture [C,H,W] of bytes that the geometry shows, as signed_value of each byte: [C,height,width].
void copy_shown(const uint8_t* picture, const PixelSpec& stored, const Geometry&, float* to);

/// In shares of the picture's extents; left and top are those of its upper left corner.
struct Box {
  float left = 0, top = 0, width = 0, height = 0;
};

/// The box in shares of what the geometry shows, clipped to it; nothing where no part of it is shown.
std::optional<Box> shown(const Box&, const PixelSpec& stored, const Geometry&);

}  // namespace figment
