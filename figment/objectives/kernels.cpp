#include "figment/objectives/kernels.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "figment/tensor/loops.h"

namespace figment::kernels {
namespace {

constexpr int64_t kLanes = 16, kBlock = 256;

/// log(1 + e) for e in [0,1]: 2 artanh(t) with t = e / (2 + e) <= 1/3.
FIGMENT_INLINE float log_of_one_plus(float e) {
  const float t = e / (2 + e), square = t * t;
  float series = 1.f / 13;
  for (const float coefficient : {1.f / 11, 1.f / 9, 1.f / 7, 1.f / 5, 1.f / 3, 1.f})
    series = series * square + coefficient;
  return 2 * t * series;
}

struct Bernoulli {
  float nats, slope;
};
FIGMENT_INLINE Bernoulli bernoulli(float l, float x) {
  const float e = exp_of(l < 0 ? l : -l);  // of -|l|: never overflows
  const float small = e / (1 + e);         // sigmoid(-|l|)
  return {(l < 0 ? -x : 1 - x) * l + log_of_one_plus(e), (l < 0 ? small : 1 - small) - x};
}

FIGMENT_INLINE void multiply(uint32_t factor, const uint32_t (&words)[kLanes], uint32_t (&high)[kLanes],
                             uint32_t (&low)[kLanes]) {
  for (int64_t lane = 0; lane < kLanes; ++lane) {
    const uint64_t product = uint64_t{factor} * words[lane];
    high[lane] = uint32_t(product >> 32);
    low[lane] = uint32_t(product);
  }
}

struct Words {
  uint32_t word[4][kLanes];
};
/// Four random words for each of kLanes successive counters.
FIGMENT_INLINE Words philox(uint64_t counter, uint64_t key) {
  Words w = {};
  for (int64_t lane = 0; lane < kLanes; ++lane) {
    w.word[0][lane] = uint32_t(counter + uint64_t(lane));
    w.word[1][lane] = uint32_t((counter + uint64_t(lane)) >> 32);
  }
  auto key0 = uint32_t(key), key1 = uint32_t(key >> 32);
  for (int round = 0; round < 10; ++round) {
    uint32_t high0[kLanes], low0[kLanes], high1[kLanes], low1[kLanes];
    multiply(0xD2511F53, w.word[0], high0, low0);
    multiply(0xCD9E8D57, w.word[2], high1, low1);
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      w.word[0][lane] = high1[lane] ^ w.word[1][lane] ^ key0;
      w.word[1][lane] = low1[lane];
      w.word[2][lane] = high0[lane] ^ w.word[3][lane] ^ key1;
      w.word[3][lane] = low0[lane];
    }
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  return w;
}

FIGMENT_EVERY_PROCESSOR float bernoulli_nats_here(const float* logit, const float* x, float* slope, int64_t n) {
  float nats[kBlock], derivative[kBlock], sums[kLanes] = {};
  for (int64_t i = 0; i < n; i += kBlock) {
    const int64_t count = std::min(kBlock, n - i);
    for (int64_t k = 0; k < count; ++k) {
      const Bernoulli one = bernoulli(logit[i + k], x[i + k]);
      nats[k] = one.nats;
      derivative[k] = one.slope;
    }
    if (slope) std::copy_n(derivative, count, slope + i);
    std::fill(nats + count, nats + kBlock, 0.f);
    for (int64_t k = 0; k < kBlock; k += kLanes)
      for (int64_t lane = 0; lane < kLanes; ++lane) sums[lane] += nats[k + lane];
  }
  return std::accumulate(sums, sums + kLanes, 0.f);
}

FIGMENT_EVERY_PROCESSOR void gaussian_kl_here(const float* mean, const float* log_var, float* kl, float* slope,
                                              int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    const float more = exp_of(log_var[i]) - 1;
    kl[i] = (mean[i] * mean[i] + more - log_var[i]) / 2;
    if (slope) slope[i] = more / 2;
  }
}

FIGMENT_EVERY_PROCESSOR void draw_bernoulli_here(const float* probability, float* x, int64_t first, int64_t n,
                                                 uint64_t key) {
  for (int64_t i = 0; i < n; i += kDrawBlock) {
    const Words random = philox(uint64_t(first + i) / 4, key);
    uint32_t word[kDrawBlock];
    static_assert(sizeof word == sizeof random.word);
    std::memcpy(word, random.word, sizeof word);
    const int64_t count = std::min(kDrawBlock, n - i);
    for (int64_t k = 0; k < count; ++k)
      x[i + k] = float(int32_t(word[k] >> 8)) * 0x1p-24f < probability[i + k] ? 1.f : 0.f;
  }
}

}  // namespace

float bernoulli_nats(const float* logit, const float* x, float* slope, int64_t n) {
  return bernoulli_nats_here(logit, x, slope, n);
}

void gaussian_kl(const float* mean, const float* log_var, float* kl, float* slope, int64_t n) {
  gaussian_kl_here(mean, log_var, kl, slope, n);
}

void draw_bernoulli(const float* probability, float* x, int64_t first, int64_t n, uint64_t key) {
  draw_bernoulli_here(probability, x, first, n, key);
}

}  // namespace figment::kernels
