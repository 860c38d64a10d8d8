// Mean and covariance of many rows.
// Legend: N rows, F features.
#pragma once
#include <torch/torch.h>

namespace figment {

struct Gaussian {
  torch::Tensor mean, covariance;  // [F], [F,F] double
};

/// The covariance is divided by N - 1. Half of it is computed, the other half mirrored.
/// Input    x [N,F], any float type, N > 1
/// Precision  the mean in double. Products of centred numbers are added up in double where x is double or N <= 2 F: a
///            covariance of fewer images than features then keeps its eigenvalues of zero. Else in single, 512 rows at
///            a time, and these sums in double: an element is off by some 1e-7 of the two standard deviations.
Gaussian gaussian_of(const torch::Tensor& x);

/// L^T S L, symmetric, in double, without the terms that are zero: this needs a third of LibTorch's operations.
/// Input    symmetric S [F,F], lower L [F,F] with zeros above the diagonal, both double
torch::Tensor congruence_of(const torch::Tensor& symmetric, const torch::Tensor& lower);

}  // namespace figment
