// Mean and covariance of many rows.
// Legend: N rows, F features.
#pragma once
#include <torch/torch.h>

namespace figment {

struct Gaussian {
  torch::Tensor mean, covariance;  // [F], [F,F] double
};

/// The covariance is divided by N - 1. In double: products of single numbers are exact then, and a covariance of fewer
/// images than features keeps its eigenvalues of zero. Half of it is computed, the other half mirrored.
/// Input    x [N,F], any float type, N > 1
Gaussian gaussian_of(const torch::Tensor& x);

/// x^T x in double, in the same way.
torch::Tensor gram_of(const torch::Tensor& x);

}  // namespace figment
