// The fully connected layer.
#pragma once
#include "figment/tensor/affine.h"

namespace figment {

/// torch::nn::Linear, computed by `affine`.
class LinearImpl : public torch::nn::LinearImpl {
 public:
  using torch::nn::LinearImpl::LinearImpl;
  Tensor forward(const Tensor& x) { return affine(x, weight, bias); }
};
TORCH_MODULE(Linear);

}  // namespace figment
