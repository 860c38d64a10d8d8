#include "figment/nn/nearest_code.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "figment/base/error.h"
#include "figment/base/every_processor.h"
#include "figment/tensor/affine.h"

namespace figment {
namespace {

constexpr int64_t kLanes = 16, kScores = 1 << 18;  // of a chunk of rows: 1 MiB, which stays in the cache

struct Codes {
  const float *code, *half_square;  // [K,D] · |e|^2 / 2 [K]
  int64_t count, size;
  float longest;  // largest |e|
};

/// Smallest of half_square - product.
FIGMENT_EVERY_PROCESSOR float least_score(const float* half_square, const float* product, int64_t n) {
  float lane_least[kLanes];
  std::fill_n(lane_least, kLanes, std::numeric_limits<float>::infinity());
  int64_t j = 0;
  for (; j + kLanes <= n; j += kLanes)
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const float score = half_square[j + lane] - product[j + lane];
      lane_least[lane] = score < lane_least[lane] ? score : lane_least[lane];
    }
  float least = *std::min_element(lane_least, lane_least + kLanes);
  for (; j < n; ++j) least = std::min(least, half_square[j] - product[j]);
  return least;
}

/// First j from `from` on with half_square - product <= limit; n where there is none.
FIGMENT_EVERY_PROCESSOR int64_t next_within(const float* half_square, const float* product, float limit, int64_t from,
                                            int64_t n) {
  int64_t j = from;
  for (; j + kLanes <= n; j += kLanes) {
    int32_t found = 0;
    for (int64_t lane = 0; lane < kLanes; ++lane) found += half_square[j + lane] - product[j + lane] <= limit;
    if (found > 0) break;
  }
  while (j < n && !(half_square[j] - product[j] <= limit)) ++j;
  return j;
}

double squared_distance(const float* a, const float* b, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += (double(a[i]) - b[i]) * (double(a[i]) - b[i]);
  return sum;
}

/// From its products with all codes.
int64_t nearest(const float* z, const float* product, const Codes& codes) {
  // |fl(z e) - z e| <= D u |z| |e|, and as much again for |e|^2 / 2 and the difference of the two; u = 2^-24. Either of
  // two scores may be off by that.
  float square = 0;
  for (int64_t i = 0; i < codes.size; ++i) square += z[i] * z[i];
  const float error = float(codes.size + 4) * 0x1p-24f * codes.longest * (std::sqrt(square) + codes.longest);
  const float limit = least_score(codes.half_square, product, codes.count) + 2 * error;
  const auto next = [&](int64_t from) { return next_within(codes.half_square, product, limit, from, codes.count); };
  int64_t best = next(0);
  if (best == codes.count) return 0;  // z is NaN or infinite; the trainer will see it in the loss
  int64_t rival = next(best + 1);
  if (rival == codes.count) return best;
  double least = squared_distance(z, codes.code + best * codes.size, codes.size);
  for (; rival < codes.count; rival = next(rival + 1))
    if (const double d = squared_distance(z, codes.code + rival * codes.size, codes.size); d < least) {
      least = d;
      best = rival;
    }
  return best;
}

Tensor nearest_on_cpu(const Tensor& z, const Tensor& codebook) {
  const int64_t m = z.size(0), k = codebook.size(0), d = z.size(1);
  const Tensor half_square = codebook.square().sum(1) / 2;
  const Codes codes{codebook.const_data_ptr<float>(), half_square.const_data_ptr<float>(), k, d,
                    std::sqrt(2 * half_square.max().item<float>())};
  Tensor code = torch::empty({m}, torch::kLong);
  auto* out = code.mutable_data_ptr<int64_t>();
  const auto* vectors = z.const_data_ptr<float>();
  const int64_t rows = std::clamp<int64_t>(kScores / k, 1, std::max<int64_t>(m, 1));
  at::parallel_for(0, (m + rows - 1) / rows, 1, [&](int64_t from, int64_t to) {
    const torch::NoGradGuard no_grad;  // a thread of its own has settings of its own
    for (int64_t first = from * rows; first < std::min(to * rows, m); first += rows) {
      const int64_t count = std::min(rows, m - first);
      const Tensor products = affine(z.narrow(0, first, count), codebook);
      const auto* product = products.const_data_ptr<float>();
      for (int64_t i = 0; i < count; ++i) out[first + i] = nearest(vectors + (first + i) * d, product + i * k, codes);
    }
  });
  return code;
}

}  // namespace

Tensor nearest_code(const Tensor& z, const Tensor& codebook) {
  expect_shape(codebook, {-1, -1}, "nearest_code", "codebook");
  expect_shape(z, {-1, codebook.size(1)}, "nearest_code", "z");
  if (codebook.size(0) == 0) throw ShapeError("nearest_code: the codebook must hold a code, got none");
  const torch::NoGradGuard no_grad;
  const FullPrecision full_precision(z.device().type());
  const Tensor vectors = z.detach().to(torch::kFloat).contiguous(),
               codes = codebook.detach().to(torch::kFloat).contiguous();
  if (z.device().is_cpu()) return nearest_on_cpu(vectors, codes);
  const Tensor half_square = codes.square().sum(1) / 2;
  std::vector<Tensor> parts;
  for (const Tensor& rows : vectors.split(std::max<int64_t>(1, 64 * kScores / codes.size(0))))
    parts.push_back(torch::addmm(half_square, rows, codes.t(), 1, -1).argmin(1));
  return torch::cat(parts);
}

}  // namespace figment
