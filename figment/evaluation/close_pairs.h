// Which rows of two matrices are near each other: pre-selected in bf16, decided in double.
// Legend: N, M rows, F features.
#pragma once
#include <torch/torch.h>

#include <functional>
#include <vector>

namespace figment {

struct Reaching {
  torch::Tensor x;           ///< [N,F] fp32 on the processor, contiguous
  std::vector<float> reach;  ///< [N] squared distances, rounded up (`reach_of`); may shrink during the search
};

/// Not less than this squared distance.
float reach_of(double squared);

using ClosePair = std::function<void(int64_t i, int64_t j, double squared)>;

/// f(i, j, |x_i - y_j|^2) for every pair that is at most as far as one of the two reaches, and for some that are
/// farther: f compares again. Pairs come in the same order every time, of equal i by ascending j.
///
/// A product of all rows, in bf16 where the processor multiplies it natively, gives each squared distance up to an
/// error that has a bound. Where this leaves open whether the pair is close, the distance is computed in double, from
/// the rows as they were given. So what is found does not depend on the product's precision, only how long it takes:
/// little where few pairs are close, a microsecond each where all are. Products are made in blocks: memory grows with N
/// + M.
void each_close_pair(const Reaching& x, const Reaching& y, const ClosePair& f);

/// Within one matrix: i < j.
void each_close_pair(const Reaching& x, const ClosePair& f);

}  // namespace figment
