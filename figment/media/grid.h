// Pictures side by side.
#pragma once
#include "figment/media/image.h"

namespace figment {

inline constexpr int64_t kGridGap = 2;

struct GridSides {
  int64_t columns, rows, width, height;  ///< width and height in pixels
};
/// Of a grid of `count` cells, at least 1, of this width and height.
GridSides grid_sides(int64_t count, int64_t columns, int64_t cell_width, int64_t cell_height, int64_t gap = kGridGap);

/// Pictures in reading order, `columns` in a row, `gap` white pixels between them and around the whole. Each stands in
/// the middle of a cell as large as the largest; grey becomes RGB where another has colour, transparency is laid over
/// white. Throws DataError without pictures.
Image grid(const std::vector<Image>&, int64_t columns, int64_t gap = kGridGap);

}  // namespace figment
