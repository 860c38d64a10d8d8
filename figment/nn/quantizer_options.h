// Settings of a vector quantizer, free of the engine.
#pragma once
#include "figment/config/field.h"

namespace figment {

enum class CodebookKind { kMovingAverage, kGradient, kFiniteScalar };
constexpr auto words(CodebookKind) {
  return std::to_array<std::string_view>({"moving_average", "gradient", "finite_scalar"});
}

enum class Estimator { kStraightThrough, kRotation };
constexpr auto words(Estimator) { return std::to_array<std::string_view>({"straight_through", "rotation"}); }

struct QuantizerOptions {
  CodebookKind codebook = CodebookKind::kMovingAverage;
  int64_t num_codes = 256, size = 32;
  std::vector<int64_t> levels = {8, 6, 5};
  double commitment = 0.25, decay = 0.99;
  Estimator estimator = Estimator::kStraightThrough;
  bool cosine = false, k_means = true;
  double revive_below = 0.2;
  static constexpr auto schema() {
    return fields(
        field<&QuantizerOptions::codebook>("moving_average: codes follow the encoder; gradient: codes are weights; "
                                           "finite_scalar: no codebook, each number is rounded"),
        field<&QuantizerOptions::num_codes>("codes K of a codebook", {1, 65536}),
        field<&QuantizerOptions::size>("numbers D of a code", {1, 4096}),
        field<&QuantizerOptions::levels>(
            "finite_scalar: values that each number can take; the codes are all combinations", {3, 65536}),
        field<&QuantizerOptions::commitment>("weight of the pull of the encoder towards its codes", {0, 100}),
        field<&QuantizerOptions::decay>("moving_average: share of its past that a code keeps at each step", {0, 1}),
        field<&QuantizerOptions::estimator>("what the encoder gets for a gradient through the choice of a code"),
        field<&QuantizerOptions::cosine>("compare directions alone: vectors and codes have length 1"),
        field<&QuantizerOptions::k_means>("start the codebook from cluster centres of the first images"),
        field<&QuantizerOptions::revive_below>(
            "codes used less than this share of the mean start again at a vector of the batch, 0 for never", {0, 1}));
  }
};
static_assert(complete<QuantizerOptions>());

}  // namespace figment
