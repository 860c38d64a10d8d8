#include "figment/nn/augment.h"

namespace figment {
namespace {

/// A uniform random number in [least, most) for each image: [N,1,1,1].
Tensor one_each(const Tensor& x, double least, double most) {
  return torch::rand({x.size(0), 1, 1, 1}, x.options()) * (most - least) + least;
}

/// A random integer in [least, most] for each image: [N,1,1].
Tensor whole_each(const Tensor& x, int64_t least, int64_t most) {
  return torch::randint(least, most + 1, {x.size(0), 1, 1}, x.options().dtype(torch::kLong));
}

Tensor coloured(Tensor x) {
  x = x + one_each(x, -0.5, 0.5);
  const Tensor of_pixel = x.mean(1, true);
  x = (x - of_pixel) * one_each(x, 0, 2) + of_pixel;
  const Tensor of_image = x.mean({1, 2, 3}, true);
  return (x - of_image) * one_each(x, 0.5, 1.5) + of_image;
}

/// Row index [H,1] (dimension 2) or column index [1,W] (dimension 3) of each pixel.
Tensor along(const Tensor& x, int64_t dimension) {
  const Tensor index = torch::arange(x.size(dimension), x.options().dtype(torch::kLong));
  return dimension == 2 ? index.unsqueeze(1) : index.unsqueeze(0);
}

Tensor translated(const Tensor& x) {
  const int64_t h = x.size(2), w = x.size(3), down = h / 8, right = w / 8;
  const Tensor row = along(x, 2) - whole_each(x, -down, down), column = along(x, 3) - whole_each(x, -right, right);
  const Tensor inside = (row >= 0) & (row < h) & (column >= 0) & (column < w);                     // [N,H,W]
  const Tensor from = (row.clamp(0, h - 1) * w + column.clamp(0, w - 1)).flatten(1).unsqueeze(1);  // [N,1,HW]
  const Tensor moved = x.flatten(2).gather(2, from.expand({-1, x.size(1), -1})).view_as(x);
  return torch::where(inside.unsqueeze(1), moved, torch::zeros({}, x.options()));
}

Tensor cut(const Tensor& x) {
  const int64_t h = x.size(2), w = x.size(3), high = (h + 1) / 2, wide = (w + 1) / 2;
  const Tensor top = whole_each(x, -high / 2, h - 1 - high / 2), left = whole_each(x, -wide / 2, w - 1 - wide / 2);
  const Tensor row = along(x, 2) - top, column = along(x, 3) - left;
  const Tensor inside = (row >= 0) & (row < high) & (column >= 0) & (column < wide);
  return x.masked_fill(inside.unsqueeze(1), 0);
}

}  // namespace

Tensor augmented(const Tensor& x, const AugmentOptions& options) {
  Tensor y = x;
  if (options.colour) y = coloured(y);
  if (options.translation) y = translated(y);
  if (options.cutout) y = cut(y);
  return y;
}

}  // namespace figment
