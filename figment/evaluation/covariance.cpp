#include "figment/evaluation/covariance.h"

#include <ATen/Parallel.h>

#include "figment/base/every_processor.h"

namespace figment {
namespace {

using torch::Tensor;

// The matrix is made in tiles whose sums stay in registers. LibTorch's product would take twice as long for each half:
// it fills both, and its library (MKL) uses half of the registers' width where it does not know the processor's maker.
// Columns lie in panels: eight columns of some rows, row after row, so that a tile reads what it needs in one stream.
constexpr int64_t kPanel = 8, kRows = 512;  // rows at a time: a few panels of them stay in the cache
using Eight [[gnu::vector_size(64)]] = double;

/// Adds a^T b to a tile: `kHigh` columns of a panel a times the columns of `kWide` panels b that follow each other.
template <int kHigh, int kWide>
FIGMENT_INLINE void add_tile(const double* a, const double* b, int64_t rows, double* out, int64_t stride) {
  Eight sums[kHigh][kWide] = {};
  for (int64_t row = 0; row < rows; ++row) {
    Eight wide[kWide];
    for (int w = 0; w < kWide; ++w) wide[w] = *reinterpret_cast<const Eight*>(b + (w * rows + row) * kPanel);
    for (int h = 0; h < kHigh; ++h)
      for (int w = 0; w < kWide; ++w) sums[h][w] += a[row * kPanel + h] * wide[w];
  }
  for (int h = 0; h < kHigh; ++h)
    for (int w = 0; w < kWide; ++w)
      for (int lane = 0; lane < kPanel; ++lane) out[h * stride + w * kPanel + lane] += sums[h][w][lane];
}

constexpr int64_t kStrip = 3;  // panels beside each other
FIGMENT_EVERY_PROCESSOR void add_strip(const double* panels, int64_t first, int64_t rows, double* out, int64_t stride) {
  const double* b = panels + first * rows * kPanel;
  for (int64_t panel = 0; panel < first + kStrip; ++panel)
    add_tile<kPanel, kStrip>(panels + panel * rows * kPanel, b, rows, out + panel * kPanel * stride + first * kPanel,
                             stride);
}

/// The same where there are sixteen registers of four numbers.
FIGMENT_EVERY_PROCESSOR void add_narrow_strip(const double* panels, int64_t first, int64_t rows, double* out,
                                              int64_t stride) {
  for (int64_t panel = 0; panel < first + kStrip; ++panel)
    for (int64_t w = 0; w < kStrip; ++w)
      for (int64_t h = 0; h < kPanel; h += 4)
        add_tile<4, 1>(panels + panel * rows * kPanel + h, panels + (first + w) * rows * kPanel, rows,
                       out + (panel * kPanel + h) * stride + (first + w) * kPanel, stride);
}

bool has_wide_registers() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f");
#else
  return false;
#endif
}

/// (x - mean)^T (x - mean)
Tensor gram_around(const Tensor& x, const Tensor& mean) {
  const int64_t features = x.size(1), panels = (features + kStrip * kPanel - 1) / (kStrip * kPanel) * kStrip;
  const int64_t stride = panels * kPanel;
  const bool wide = has_wide_registers();
  const Tensor sums = torch::zeros({stride, stride}, torch::kFloat64);
  auto* out = sums.mutable_data_ptr<double>();
  const auto in_panels = [&](const Tensor& rows) {
    return torch::constant_pad_nd(rows, {0, stride - features}).view({-1, panels, kPanel});
  };
  const Tensor centre = in_panels(mean.expand({1, features}));
  for (int64_t first = 0; first < x.size(0); first += kRows) {
    const int64_t rows = std::min(kRows, x.size(0) - first);
    const Tensor centred = torch::empty({panels, rows, kPanel}, torch::kFloat64);
    centred.transpose(0, 1).copy_(in_panels(x.narrow(0, first, rows))).sub_(centre);
    const auto* packed = centred.const_data_ptr<double>();
    at::parallel_for(0, panels / kStrip, 1, [&](int64_t from, int64_t to) {
      for (int64_t strip = from; strip < to; ++strip)
        (wide ? add_strip : add_narrow_strip)(packed, strip * kStrip, rows, out, stride);
    });
  }
  const Tensor upper = sums.narrow(0, 0, features).narrow(1, 0, features).triu();
  return upper + upper.triu(1).t();
}

}  // namespace

Gaussian gaussian_of(const Tensor& x) {
  const Tensor mean = x.mean(0, false, torch::kFloat64);
  return {mean, gram_around(x, mean) / double(x.size(0) - 1)};
}

Tensor gram_of(const Tensor& x) { return gram_around(x, torch::zeros({}, torch::kFloat64)); }

}  // namespace figment
