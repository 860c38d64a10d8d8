#include "figment/nn/finite_scalar_quantizer.h"

#include <fmt/format.h>

#include "figment/base/error.h"
#include "figment/nn/estimators.h"

namespace figment {
namespace {

constexpr int64_t kMostCodes = 65536;

int64_t product_of(const std::vector<int64_t>& levels) {
  int64_t product = 1;
  for (const int64_t count : levels)
    if (product <= kMostCodes) product *= count;
  if (levels.empty() || product > kMostCodes)
    throw ConfigError(
        fmt::format("levels: their product is the number of codes and must lie in 1 … {}, got {}; use "
                    "fewer dimensions or fewer levels",
                    kMostCodes, levels.empty() ? "no levels" : "more"));
  return product;
}

}  // namespace

FiniteScalarQuantizer::FiniteScalarQuantizer(const std::vector<int64_t>& levels)
    : Quantizer(product_of(levels), int64_t(levels.size())) {
  std::vector<int64_t> strides;
  for (int64_t stride = 1; const int64_t count : levels) {
    strides.push_back(stride);
    stride *= count;
  }
  level_count_ = register_buffer("level_count", torch::tensor(levels, torch::kLong));
  stride_ = register_buffer("stride", torch::tensor(strides, torch::kLong));
  lowest_ = register_buffer("lowest", torch::floor_divide(level_count_, 2));
}

/// [N,D,h,w] -> [N,h,w,D], each dimension bounded to the range of its levels.
Tensor FiniteScalarQuantizer::bounded(const Tensor& z) const {
  expect_shape(z, {-1, size(), -1, -1}, "FiniteScalarQuantizer", "z");
  constexpr double kMargin = 1e-3;  // the outermost levels are reached, not only approached
  const Tensor rows = at_least_fp32(z).permute({0, 2, 3, 1}), count = level_count_.to(rows.scalar_type());
  const Tensor half = (count - 1) * (1 + kMargin) / 2, offset = (1 - count.remainder(2)) / 2;  // 1/2 where even
  return torch::tanh(rows + torch::atanh(offset / half)) * half - offset;
}

Tensor FiniteScalarQuantizer::relaxed(const Tensor& z) const { return (bounded(z) / lowest_).permute({0, 3, 1, 2}); }

Quantized FiniteScalarQuantizer::forward(const Tensor& z) {
  const FullPrecision full_precision(z.device().type());
  const Tensor number = bounded(z), level = number.detach().round();
  return {.quantized = (straight_through(number, level) / lowest_).permute({0, 3, 1, 2}),
          .code = ((level.to(torch::kLong) + lowest_) * stride_).sum(-1),
          .losses = {}};
}

Tensor FiniteScalarQuantizer::vectors() {
  const Tensor code = torch::arange(num_codes(), level_count_.options()).unsqueeze(1);  // [K,1]
  const Tensor level = torch::floor_divide(code, stride_).remainder(level_count_) - lowest_;
  return level.to(torch::kFloat) / lowest_;
}

}  // namespace figment
