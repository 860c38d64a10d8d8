// An exponential that stays in the vector registers, for plain loops over numbers. Loops with nothing between the lanes
// become vector instructions under either compiler.
#pragma once
#include <bit>
#include <cstdint>
#include <initializer_list>

#include "figment/base/every_processor.h"

namespace figment {

/// e^x to 2e-7 of its value for x in [-87,88], beyond that the ends' values: 2^n times the Taylor series of what is
/// left, |r| <= log(2) / 2. NaN stays NaN, so that a diverged training is noticed.
FIGMENT_INLINE float exp_of(float x) {
  constexpr float kRound = 12582912.f;  // 1.5 * 2^23: adding it leaves the nearest integer in the low bits
  const float bounded = x < -87.f ? -87.f : x > 88.f ? 88.f : x;
  const float shifted = bounded * 1.44269504f + kRound;
  const float n = shifted - kRound;
  const float r = (bounded - n * 0.693359375f) + n * 2.12194440e-4f;  // log(2) in two parts: n times the first is exact
  float series = 1.f / 5040;
  for (const float coefficient : {1.f / 720, 1.f / 120, 1.f / 24, 1.f / 6, 1.f / 2, 1.f, 1.f})
    series = series * r + coefficient;
  const int32_t exponent = std::bit_cast<int32_t>(shifted) - std::bit_cast<int32_t>(kRound);
  return series * std::bit_cast<float>((exponent + 127) << 23);
}

/// The same to 1e-15 of its value for x in [-708,709].
FIGMENT_INLINE double exp_of(double x) {
  constexpr double kRound = 6755399441055744.;  // 1.5 * 2^52
  const double bounded = x < -708. ? -708. : x > 709. ? 709. : x;
  const double shifted = bounded * 1.4426950408889634 + kRound;
  const double n = shifted - kRound;
  const double r = (bounded - n * 0.693145751953125) - n * 1.42860682030941723212e-6;
  double series = 1. / 6227020800;
  for (const double coefficient : {1. / 479001600, 1. / 39916800, 1. / 3628800, 1. / 362880, 1. / 40320, 1. / 5040,
                                   1. / 720, 1. / 120, 1. / 24, 1. / 6, 1. / 2, 1., 1.})
    series = series * r + coefficient;
  const int64_t exponent = std::bit_cast<int64_t>(shifted) - std::bit_cast<int64_t>(kRound);
  return series * std::bit_cast<double>((exponent + 1023) << 52);
}

}  // namespace figment
