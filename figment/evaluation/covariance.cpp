#include "figment/evaluation/covariance.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <vector>

#include "figment/base/every_processor.h"

namespace figment {
namespace {

using torch::Tensor;

// Products are made in tiles whose sums stay in registers. LibTorch's would take twice as long for each half of a
// symmetric one: it fills both, and its library (MKL) uses half of the registers' width where it does not know the
// processor's maker.
// Columns lie in panels: as many as a register of 64 bytes holds, row after row, so that a tile reads what it needs in
// one stream.
constexpr int64_t kRows = 512;  // rows at a time: a panel of them takes 32 KiB
constexpr int64_t kStrip = 3;   // panels beside each other: the columns of a tile
constexpr int64_t kGroup = 12;  // panels that stay in the cache while strips pass
template <class Number>
constexpr int64_t kPanel = 64 / sizeof(Number);
constexpr int64_t kStripColumns = kStrip * kPanel<float>;  // of strips of either kind, a whole number

template <class Number>
struct Register {
  using Type [[gnu::vector_size(64)]] = Number;
};

/// Adds a^T b to a tile: `kHigh` columns of a panel a times the columns of `kWide` panels b that follow each other.
template <int kHigh, int kWide, class Number>
FIGMENT_INLINE void add_tile(const Number* a, const Number* b, int64_t rows, double* out, int64_t stride) {
  using Lanes = typename Register<Number>::Type;
  Lanes sums[kHigh][kWide] = {};
  for (int64_t row = 0; row < rows; ++row) {
    Lanes wide[kWide];
    for (int w = 0; w < kWide; ++w) wide[w] = *reinterpret_cast<const Lanes*>(b + (w * rows + row) * kPanel<Number>);
    for (int h = 0; h < kHigh; ++h)
      for (int w = 0; w < kWide; ++w) sums[h][w] += a[row * kPanel<Number> + h] * wide[w];
  }
  for (int h = 0; h < kHigh; ++h)
    for (int w = 0; w < kWide; ++w)
      for (int lane = 0; lane < kPanel<Number>; ++lane)
        out[h * stride + w * kPanel<Number> + lane] += double(sums[h][w][lane]);
}

/// Columns of some panels a, times those of a strip b.
template <int kHigh, int kWide, class Number>
FIGMENT_INLINE void add_tiles(const Number* a, int64_t panels, const Number* b, int64_t rows, double* out,
                              int64_t stride) {
  for (int64_t panel = 0; panel < panels; ++panel)
    for (int64_t w = 0; w < kStrip; w += kWide)
      for (int64_t h = 0; h < kPanel<Number>; h += kHigh)
        add_tile<kHigh, kWide>(a + panel * rows * kPanel<Number> + h, b + w * rows * kPanel<Number>, rows,
                               out + (panel * kPanel<Number> + h) * stride + w * kPanel<Number>, stride);
}

// A function for each processor cannot be a template.
FIGMENT_EVERY_PROCESSOR void add_strip(const double* a, int64_t panels, const double* b, int64_t rows, double* out,
                                       int64_t stride) {
  add_tiles<8, kStrip>(a, panels, b, rows, out, stride);
}
FIGMENT_EVERY_PROCESSOR void add_strip(const float* a, int64_t panels, const float* b, int64_t rows, double* out,
                                       int64_t stride) {
  add_tiles<8, kStrip>(a, panels, b, rows, out, stride);
}
/// The same where there are sixteen registers of half the width.
FIGMENT_EVERY_PROCESSOR void add_narrow_strip(const double* a, int64_t panels, const double* b, int64_t rows,
                                              double* out, int64_t stride) {
  add_tiles<4, 1>(a, panels, b, rows, out, stride);
}
FIGMENT_EVERY_PROCESSOR void add_narrow_strip(const float* a, int64_t panels, const float* b, int64_t rows, double* out,
                                              int64_t stride) {
  add_tiles<4, 1>(a, panels, b, rows, out, stride);
}

bool has_wide_registers() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f");
#else
  return false;
#endif
}

/// Columns in panels; behind the last come columns of zeros, until the strips are full.
template <class Number>
struct Panels {
  Tensor held;  // [panels, rows, kPanel]
  int64_t rows() const { return held.size(1); }
  const Number* at(int64_t panel) const { return held.const_data_ptr<Number>() + panel * rows() * kPanel<Number>; }
};
int64_t padded(int64_t columns) { return (columns + kStripColumns - 1) / kStripColumns * kStripColumns; }

template <class Number>
Panels<Number> in_panels(const Tensor& rows) {
  constexpr int64_t kWidth = kPanel<Number>;
  const Tensor x = rows.stride(1) == 1 ? rows : rows.contiguous();
  const int64_t n = x.size(0), columns = x.size(1), stride = x.stride(0), count = padded(columns) / kWidth;
  const Tensor held = torch::empty({count, n, kWidth}, x.scalar_type());
  const auto* from = x.const_data_ptr<Number>();
  auto* to = held.mutable_data_ptr<Number>();
  at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
    for (int64_t panel = begin; panel < end; ++panel) {
      const int64_t filled = std::clamp<int64_t>(columns - panel * kWidth, 0, kWidth);
      for (int64_t row = 0; row < n; ++row) {
        const Number* part = from + row * stride + panel * kWidth;
        Number* out = to + (panel * n + row) * kWidth;
        if (filled == kWidth) {
          std::copy_n(part, kWidth, out);  // of a known length: no call
          continue;
        }
        std::fill(std::copy_n(part, filled, out), out + kWidth, Number(0));
      }
    }
  });
  return {held};
}

/// A square matrix of sums, of which products are added up.
struct Sums {
  explicit Sums(int64_t features)
      : size(features), stride(padded(features)), held(torch::zeros({stride, stride}, torch::kFloat64)) {}

  int64_t size, stride;
  Tensor held;

  Tensor whole() const { return held.narrow(0, 0, size).narrow(1, 0, size); }

  /// a^T b, of the first columns of b; `upper`: what lies below the diagonal is not wanted.
  template <class Number>
  void add(const Panels<Number>& a, const Panels<Number>& b, int64_t columns, bool upper) const {
    constexpr int64_t kWidth = kPanel<Number>;
    using Strip = void(const Number*, int64_t, const Number*, int64_t, double*, int64_t);
    Strip* const strip = has_wide_registers() ? static_cast<Strip*>(add_strip) : static_cast<Strip*>(add_narrow_strip);
    auto* out = held.mutable_data_ptr<double>();
    const int64_t strips = padded(columns) / (kStrip * kWidth);
    at::parallel_for(0, strips, 1, [&](int64_t begin, int64_t end) {
      for (int64_t top = 0; top < stride / kWidth; top += kGroup)
        for (int64_t i = begin; i < end; ++i) {
          const int64_t left = kStrip * (i % 2 == 0 ? i / 2 : strips - 1 - i / 2);  // short and long ones in turn
          const int64_t bottom = std::min({top + kGroup, stride / kWidth, upper ? left + kStrip : top + kGroup});
          if (bottom > top)
            strip(a.at(top), bottom - top, b.at(left), a.rows(), out + top * kWidth * stride + left * kWidth, stride);
        }
    });
  }

  /// The upper half, and the same below.
  Tensor mirrored() const {
    constexpr int64_t kBlock = 64;
    auto* out = held.mutable_data_ptr<double>();
    for (int64_t top = 0; top < size; top += kBlock)
      for (int64_t left = 0; left <= top; left += kBlock)
        for (int64_t row = top; row < std::min(top + kBlock, size); ++row)
          for (int64_t column = left; column < std::min(left + kBlock, row); ++column)
            out[row * stride + column] = out[column * stride + row];
    return whole();
  }
};

template <class Number>
Tensor covariance_around(const Tensor& x, const Tensor& mean) {
  const Sums sums(x.size(1));
  const auto type = c10::CppTypeToScalarType<Number>::value;
  const Tensor centre = mean.to(type);
  for (const Tensor& rows : x.split(kRows)) {
    const auto centred = in_panels<Number>(rows.to(torch::kCPU, type) - centre);
    sums.add(centred, centred, sums.size, true);
  }
  return sums.mirrored().div_(double(x.size(0) - 1));
}

}  // namespace

Gaussian gaussian_of(const Tensor& x) {
  const Tensor mean = x.mean(0, false, torch::kFloat64).cpu();
  const bool full = x.scalar_type() == torch::kFloat64 || x.size(0) <= 2 * x.size(1);
  return {mean, (full ? covariance_around<double> : covariance_around<float>)(x, mean)};
}

Tensor congruence_of(const Tensor& symmetric, const Tensor& lower) {
  const Sums product(lower.size(0)), sums(lower.size(0));  // S L, and L^T of it
  std::vector<Panels<double>> blocks;
  for (const Tensor& rows : lower.split(kRows)) blocks.push_back(in_panels<double>(rows));
  const auto add_blocks = [&](const Tensor& left, const Sums& into, bool upper) {
    int64_t filled = 0;  // a row of L ends at its diagonal
    for (size_t i = 0; i < blocks.size(); ++i) {
      const int64_t rows = blocks[i].rows();
      into.add(in_panels<double>(left.narrow(0, filled, rows)), blocks[i], filled + rows, upper);
      filled += rows;
    }
  };
  add_blocks(symmetric, product, false);
  add_blocks(product.whole(), sums, true);
  return sums.mirrored();
}

}  // namespace figment
