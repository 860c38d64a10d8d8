// Matrix products of fully connected layers and searches.
// Legend: N rows, I inputs, O outputs.
#pragma once
#include "figment/tensor/tensors.h"

namespace figment {

/// x W^T + b: what torch::linear gives, up to rounding, and as often differentiable. In fp32 on the processor the
/// product is oneDNN's: LibTorch's own takes twice as long where its library (MKL) does not know the processor's maker.
/// Everywhere else, and under autocast, it is torch::linear itself.
/// Input    x [N,I], weight [O,I], bias [O] or none
/// Output   [N,O]
Tensor affine(const Tensor& x, const Tensor& weight, const std::optional<Tensor>& bias = {});

}  // namespace figment
