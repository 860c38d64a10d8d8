#pragma once
#include "figment/tensor/tensors.h"

namespace figment::pixel_cnn {

/// tanh(first half) sigmoid(second half) of the channels, as often differentiable as the operators: one pass over the
/// memory instead of seven where the numbers are fp32 or bf16 on the processor.
/// Source   van den Oord et al. 2016, arXiv:1606.05328, Eq. 2
/// Input    [N,2F,H,W]
/// Output   [N,F,H,W], of the same type and layout
Tensor gate(const Tensor& x);

}  // namespace figment::pixel_cnn
