#include "figment/evaluation/sharpness.h"

#include <cmath>

#include "figment/tensor/images.h"

namespace figment {

Tensor sharpness(const Tensor& images) {
  const Tensor grey = to_unit(images.to(torch::kFloat)).mean(1, true);
  const Tensor kernel = torch::tensor({0.f, 1.f, 0.f, 1.f, -4.f, 1.f, 0.f, 1.f, 0.f}).view({1, 1, 3, 3});
  return torch::conv2d(grey, kernel.to(images.device())).flatten(1).var(1);
}

Tensor blurred(const Tensor& images, double deviation) {
  const auto reach = int64_t(std::ceil(4 * deviation));
  const Tensor at = torch::arange(-reach, reach + 1, torch::kFloat) / deviation;
  const Tensor weights = torch::softmax(-at.square() / 2, 0).to(images.device());
  const int64_t channels = images.size(1), size = 2 * reach + 1;
  const auto along = [&](const Tensor& x, std::vector<int64_t> shape, const std::vector<int64_t>& pads) {
    const Tensor kernel = weights.view(shape).expand({channels, 1, shape[2], shape[3]});
    const Tensor padded =
        torch::nn::functional::pad(x, torch::nn::functional::PadFuncOptions(pads).mode(torch::kReplicate));
    return torch::conv2d(padded, kernel.contiguous(), {}, at::IntArrayRef{1, 1}, at::IntArrayRef{0, 0},
                         at::IntArrayRef{1, 1}, channels);
  };
  const Tensor across = along(images, {1, 1, 1, size}, {reach, reach, 0, 0});
  return along(across, {1, 1, size, 1}, {0, 0, reach, reach});
}

}  // namespace figment
