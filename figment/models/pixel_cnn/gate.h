#pragma once
#include "figment/tensor/tensors.h"

namespace figment::pixel_cnn {

/// tanh(first half) sigmoid(second half) of the channels. It can be differentiated any number of times. For fp32 and
/// bf16 on the CPU it is one pass over memory instead of the seven of separate operators.
/// Source   van den Oord et al. 2016, arXiv:1606.05328, Eq. 2
/// Input    [N,2F,H,W]
/// Output   [N,F,H,W], of the same type and layout
Tensor gate(const Tensor& x);

}  // namespace figment::pixel_cnn
