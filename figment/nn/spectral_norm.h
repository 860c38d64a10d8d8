// Spectral normalization: layers whose weight has the largest singular value 1, which bounds the discriminator's
// Lipschitz constant.
#pragma once
#include "figment/nn/linear.h"

namespace figment {

/// weight / sigma, sigma the largest singular value of the weight as a matrix [O, everything else], by power iteration.
/// Source   Miyato et al. 2018, arXiv:1802.05957, Algorithm 1
/// Input    weight [O,...]; u [O], the left singular vector found so far
/// Effects  `update`: one more iteration moves u
/// Output   of weight's shape. The gradient is that of weight / (u^T W v) with u and v held constant
Tensor spectrally_normalized(const Tensor& weight, Tensor& u, bool update);

/// Layers with spectrally normalised weights, or plain ones where `on` is false. In training mode each forward pass
/// makes one power iteration; in eval mode u does not change.
class SpectralLinearImpl : public LinearImpl {
 public:
  SpectralLinearImpl(const torch::nn::LinearOptions&, bool on);
  Tensor forward(const Tensor& x);

 private:
  Tensor u_;
};
TORCH_MODULE(SpectralLinear);

class SpectralConv2dImpl : public torch::nn::Conv2dImpl {
 public:
  SpectralConv2dImpl(const torch::nn::Conv2dOptions&, bool on);
  Tensor forward(const Tensor& x);

 private:
  Tensor u_;
};
TORCH_MODULE(SpectralConv2d);

}  // namespace figment
