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
        field<&QuantizerOptions::codebook>(
            "moving_average: each code is the mean of the encoder's vectors that chose it; gradient: codes are "
            "weights of the optimizer; finite_scalar: no codebook, each dimension is rounded to one of its levels"),
        field<&QuantizerOptions::num_codes>("codes K of the codebook", {1, 65536})
            .used_when<&QuantizerOptions::codebook>(CodebookKind::kMovingAverage, CodebookKind::kGradient),
        field<&QuantizerOptions::size>("dimensions D of a code's vector", {1, 4096})
            .used_when<&QuantizerOptions::codebook>(CodebookKind::kMovingAverage, CodebookKind::kGradient),
        field<&QuantizerOptions::levels>("number of levels of each dimension; the codes are all their combinations",
                                         {3, 65536})
            .used_when<&QuantizerOptions::codebook>(CodebookKind::kFiniteScalar),
        field<&QuantizerOptions::commitment>("weight of the commitment loss, which keeps the encoder near its codes",
                                             {0, 100})
            .used_when<&QuantizerOptions::codebook>(CodebookKind::kMovingAverage, CodebookKind::kGradient),
        field<&QuantizerOptions::decay>(
            "decay of the moving averages: of how often a code is chosen (which revival looks at), and of the codes "
            "themselves",
            {0, 1})
            .used_when<&QuantizerOptions::codebook>(CodebookKind::kMovingAverage)
            .used_when<&QuantizerOptions::revive_below>(Above{0}),
        field<&QuantizerOptions::estimator>("gradient estimator of the choice of a code, which has no derivative")
            .used_when<&QuantizerOptions::codebook>(CodebookKind::kMovingAverage, CodebookKind::kGradient),
        field<&QuantizerOptions::cosine>("cosine similarity: vectors and codes are compared at length 1")
            .used_when<&QuantizerOptions::codebook>(CodebookKind::kMovingAverage, CodebookKind::kGradient),
        field<&QuantizerOptions::k_means>("initialize the codebook by k-means on vectors of the first images")
            .used_when<&QuantizerOptions::codebook>(CodebookKind::kMovingAverage, CodebookKind::kGradient),
        field<&QuantizerOptions::revive_below>(
            "a code chosen less often than this share of the mean is moved to a vector of the batch; 0 for never",
            {0, 1})
            .used_when<&QuantizerOptions::codebook>(CodebookKind::kMovingAverage, CodebookKind::kGradient));
  }
};
static_assert(complete<QuantizerOptions>());

}  // namespace figment
