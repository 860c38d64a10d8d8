#include "figment/evaluation/close_pairs.h"

#include <cmath>
#include <limits>

#include "figment/base/every_processor.h"
#include "figment/tensor/affine.h"
#include "figment/tensor/precision.h"

namespace figment {
namespace {

using torch::Tensor;

constexpr int64_t kBlock = 1024, kLanes = 16;
// The norms are made smaller by this share. It covers what fp32 rounds in them, in the sum of a bound, and when the
// centre is taken off: each a few units of 2^-24 of |a|^2 + |b|^2.
constexpr double kRounding = 0x1p-19;

/// Rows a without the common centre, which changes no distance and leaves more digits for what does.
struct Screened {
  Tensor rows;               // [N,F] of the screen's type
  Tensor base, length;       // [N] |a|^2, a little less; |a|
  double coarseness = 0;     // largest |rounded a - a| / |a|
  const float* x = nullptr;  // the rows as they were given
};

Screened screened(const Tensor& x, const Tensor& centre, torch::ScalarType type) {
  Screened s{.rows = torch::empty(x.sizes(), type),
             .base = torch::empty({x.size(0)}),
             .length = torch::empty({x.size(0)}),
             .x = x.const_data_ptr<float>()};
  for (int64_t first = 0; first < x.size(0); first += kBlock) {
    const int64_t count = std::min(kBlock, x.size(0) - first);
    const Tensor a = x.narrow(0, first, count) - centre, rounded = a.to(type);
    const Tensor length = a.norm(2, {1}, false, torch::kFloat64);
    s.rows.narrow(0, first, count).copy_(rounded);
    s.base.narrow(0, first, count).copy_(length.square() * (1 - kRounding));
    s.length.narrow(0, first, count).copy_(length);
    const Tensor lost = (rounded.to(torch::kFloat) - a).norm(2, {1}, false, torch::kFloat64);
    s.coarseness = std::max(s.coarseness, (lost / length.clamp_min(1e-30)).max().item<double>());
  }
  return s;
}

/// k with |product of a and b as computed - a b| <= k |a| |b|: what rounding the factors loses (Cauchy and Schwarz),
/// what summing in fp32 loses, in any order, and what rounding the sum to `type` loses.
double error_of_products(const Screened& a, const Screened& b, torch::ScalarType type) {
  const double x = a.coarseness, y = b.coarseness, unit = type == torch::kBFloat16 ? 0x1p-8 : 0x1p-24;
  return x + y + x * y + (1 + x) * (1 + y) * (double(a.rows.size(1)) * 0x1p-23 + 1.01 * unit);
}

/// One side of the pairs of a block, from its first row on.
struct Side {
  const float *base, *length, *reach;
};

/// First j from `from` on that may be within reach of row i: |a|^2 + |b|^2 - 2 a b - 2 k |a| |b| is not beyond it.
FIGMENT_EVERY_PROCESSOR int64_t next_close(float base, float slope, float reach, const float* product,
                                           const Side& columns, int64_t from, int64_t n) {
  const auto close = [&](int64_t j) __attribute__((always_inline)) {
    const float least = base + columns.base[j] - 2 * product[j] - slope * columns.length[j];
    return least <= (reach < columns.reach[j] ? columns.reach[j] : reach);
  };
  int64_t j = from;
  for (; j + kLanes <= n; j += kLanes) {
    int32_t found = 0;
    for (int64_t lane = 0; lane < kLanes; ++lane) found += close(j + lane);
    if (found > 0) break;
  }
  while (j < n && !close(j)) ++j;
  return j;
}

FIGMENT_EVERY_PROCESSOR double squared_distance(const float* a, const float* b, int64_t n) {
  double sums[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const double difference = double(a[i + lane]) - double(b[i + lane]);
      sums[lane] += difference * difference;
    }
  double sum = 0;
  for (const double part : sums) sum += part;
  for (; i < n; ++i) sum += (double(a[i]) - double(b[i])) * (double(a[i]) - double(b[i]));
  return sum;
}

void search(const Reaching& x, const Reaching& y, bool within, const ClosePair& f) {
  const torch::NoGradGuard no_grad;
  const FullPrecision full_precision(torch::kCPU);
  const torch::ScalarType type = multiplies_bf16(torch::kCPU) ? torch::kBFloat16 : torch::kFloat;
  const int64_t features = x.x.size(1);
  const Tensor centre = within ? x.x.mean(0) : (x.x.mean(0) + y.x.mean(0)) / 2;
  const Screened rows = screened(x.x, centre, type), columns = within ? rows : screened(y.x, centre, type);
  const auto twice_error = float(2.01 * error_of_products(rows, columns, type));
  const auto side = [](const Screened& s, const Reaching& r, int64_t first) {
    return Side{s.base.const_data_ptr<float>() + first, s.length.const_data_ptr<float>() + first,
                r.reach.data() + first};
  };
  for (int64_t top = 0; top < x.x.size(0); top += kBlock) {
    const int64_t height = std::min(kBlock, x.x.size(0) - top);
    const Side own = side(rows, x, top);
    for (int64_t left = within ? top : 0; left < y.x.size(0); left += kBlock) {
      const int64_t width = std::min(kBlock, y.x.size(0) - left);
      const Tensor a = rows.rows.narrow(0, top, height), b = columns.rows.narrow(0, left, width);
      const Tensor products = type == torch::kFloat ? affine(a, b) : a.mm(b.t()).to(torch::kFloat);
      const auto* product = products.const_data_ptr<float>();
      const Side others = side(columns, y, left);
      for (int64_t i = 0; i < height; ++i) {
        const auto next = [&](int64_t from) {
          return next_close(own.base[i], twice_error * own.length[i], own.reach[i], product + i * width, others, from,
                            width);
        };
        for (int64_t j = next(within && left == top ? i + 1 : 0); j < width; j = next(j + 1))
          f(top + i, left + j,
            squared_distance(rows.x + (top + i) * features, columns.x + (left + j) * features, features));
      }
    }
  }
}

}  // namespace

float reach_of(double squared) { return std::nextafter(float(squared), std::numeric_limits<float>::infinity()); }

void each_close_pair(const Reaching& x, const Reaching& y, const ClosePair& f) { search(x, y, false, f); }

void each_close_pair(const Reaching& x, const ClosePair& f) { search(x, x, true, f); }

}  // namespace figment
