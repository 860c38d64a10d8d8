// A sheet of pictures for a person's eyes: small ones enlarged, each with its name below.
#pragma once
#include <string>
#include <vector>

#include "figment/media/grid.h"

namespace figment {

/// Each pixel as a square of `times` x `times`. Throws ConfigError below 1.
Image enlarged(const Image&, int64_t times);

/// The picture above a white strip with black words in its middle, cut with dots where they are wider than it. Letters
/// outside ASCII become question marks: the font has no others.
Image with_words_below(const Image&, std::string_view words);

struct SheetLayout {
  int64_t times = 1;  ///< how often a pixel is enlarged
  GridSides sides = {};
};
/// Of `count` pictures of this size. The enlargement is the largest with which no side of a picture exceeds 96 pixels
/// and no side of the sheet 2,048; a sheet that is larger as it is stays so.
SheetLayout sheet_layout(int64_t count, int64_t columns, int64_t width, int64_t height, bool named);

/// The pictures as `grid` lays them out, enlarged as `sheet_layout` says of the largest. `names`: what to write below
/// each, or nothing. Throws DataError without pictures.
Image sheet(const std::vector<Image>&, int64_t columns, const std::vector<std::string>& names = {});

}  // namespace figment
