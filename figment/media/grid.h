// Pictures side by side.
#pragma once
#include "figment/media/image.h"

namespace figment {

/// Pictures in reading order, `columns` in a row, `gap` white pixels between them and around the whole. Each stands in
/// the middle of a cell as large as the largest; grey becomes RGB where another has colour, transparency is laid over
/// white. Throws DataError without pictures.
Image grid(const std::vector<Image>&, int64_t columns, int64_t gap = 2);

}  // namespace figment
