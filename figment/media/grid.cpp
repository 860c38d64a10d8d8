#include "figment/media/grid.h"

#include <algorithm>

#include "figment/base/error.h"

namespace figment {

GridSides grid_sides(int64_t count, int64_t columns, int64_t cell_width, int64_t cell_height, int64_t gap) {
  columns = std::clamp<int64_t>(columns, 1, count);
  const int64_t rows = (count + columns - 1) / columns;
  return {columns, rows, gap + columns * (cell_width + gap), gap + rows * (cell_height + gap)};
}

Image grid(const std::vector<Image>& images, int64_t columns, int64_t gap) {
  if (images.empty()) throw DataError("there is no picture to show");
  constexpr uint8_t kWhite = 255;
  const auto count = int64_t(images.size());
  int64_t width = 0, height = 0, channels = 1;
  for (const Image& image : images) {
    width = std::max(width, image.width);
    height = std::max(height, image.height);
    if (image.channels > 1) channels = 3;
  }
  const GridSides sides = grid_sides(count, columns, width, height, gap);
  columns = sides.columns;
  Image whole{.width = sides.width, .height = sides.height, .channels = channels};
  whole.pixels.assign(size_t(whole.width * whole.height * channels), kWhite);
  for (int64_t i = 0; i < count; ++i) {
    const Image cell = with_channels(images[size_t(i)], channels, kWhite);
    const int64_t left = gap + i % columns * (width + gap) + (width - cell.width) / 2;
    const int64_t top = gap + i / columns * (height + gap) + (height - cell.height) / 2;
    for (int64_t y = 0; y < cell.height; ++y)
      std::copy_n(cell.pixels.begin() + y * cell.width * channels, cell.width * channels,
                  whole.pixels.begin() + ((top + y) * whole.width + left) * channels);
  }
  return whole;
}

}  // namespace figment
