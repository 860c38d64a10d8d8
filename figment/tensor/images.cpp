#include "figment/tensor/images.h"

#include <fmt/format.h>

#include <cstring>

#include "figment/base/error.h"
#include "figment/media/grid.h"
#include "figment/tensor/shapes.h"

namespace figment {

Tensor to_bytes(const Tensor& x) {
  const Tensor levels = ((x.detach().to(torch::kFloat) + 1) * 127.5).nan_to_num(0, 255, 0);
  return levels.round().clamp(0, 255).to(torch::kUInt8);
}

Tensor from_bytes(const Tensor& bytes) { return (bytes.to(torch::kFloat) - 127.5) / 127.5; }

Tensor to_tensor(const Image& image) {
  Tensor bytes = torch::empty({image.height, image.width, image.channels}, torch::kUInt8);
  if (int64_t(image.pixels.size()) != bytes.numel())
    throw ShapeError(fmt::format("to_tensor: {} x {} x {} pixels announced, got {} bytes", image.width, image.height,
                                 image.channels, image.pixels.size()));
  std::memcpy(bytes.data_ptr(), image.pixels.data(), image.pixels.size());
  return from_bytes(bytes.permute({2, 0, 1}).contiguous());
}

Image to_image(const Tensor& x) {
  expect_shape(x, {-1, -1, -1}, "to_image", "x");
  const int64_t channels = x.size(0);
  if (channels != 1 && channels != 3 && channels != 4)
    throw ShapeError(fmt::format("to_image: x must have 1, 3 or 4 channels, got {}", channels));
  const Tensor bytes = to_bytes(x).permute({1, 2, 0}).contiguous().cpu();
  const auto* first = bytes.data_ptr<uint8_t>();
  return {.width = x.size(2), .height = x.size(1), .channels = channels, .pixels = {first, first + bytes.numel()}};
}

Tensor scatter(const Tensor& points, const Tensor& beneath) {
  expect_shape(points, {-1, 2}, "scatter", "points");
  constexpr int64_t kSide = 256;
  const Tensor& widest = beneath.defined() ? beneath : points;
  const double reach = 1.1 * widest.abs().max().item<double>() + 1e-6;
  Tensor picture = torch::ones({3, kSide, kSide});
  const auto paint = [&](const Tensor& at, const Tensor& colour) {
    const Tensor place =
        ((at.detach().to(torch::kCPU, torch::kFloat) / reach + 1) / 2 * kSide).floor().to(torch::kLong);
    const Tensor column = place.select(1, 0), row = kSide - 1 - place.select(1, 1);  // upwards, as on paper
    const Tensor inside = (column >= 0) & (column < kSide) & (row >= 0) & (row < kSide);
    const Tensor index = (row * kSide + column).masked_select(inside);
    const Tensor ink = 1 - torch::exp(-0.7 * torch::bincount(index, {}, kSide * kSide).to(torch::kFloat));
    picture = torch::lerp(picture, colour.view({3, 1, 1}), ink.view({1, kSide, kSide}));
  };
  if (beneath.defined()) paint(beneath, torch::tensor({0.2f, 0.3f, 0.4f}));
  paint(points, torch::tensor({0.7f, -0.9f, -0.9f}));
  return picture;
}

Image image_grid(const Tensor& x, int64_t columns, int64_t gap) {
  expect_shape(x, {-1, -1, -1, -1}, "image_grid", "x");
  std::vector<Image> images;
  for (int64_t i = 0; i < x.size(0); ++i) images.push_back(to_image(x[i]));
  return grid(images, columns, gap);
}

}  // namespace figment
