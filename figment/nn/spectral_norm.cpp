#include "figment/nn/spectral_norm.h"

#include "figment/tensor/precision.h"

namespace figment {
namespace {

Tensor unit(const Tensor& x) {
  return torch::nn::functional::normalize(x, torch::nn::functional::NormalizeFuncOptions().dim(0).eps(1e-12));
}

Tensor start(const Tensor& weight) { return unit(torch::randn({weight.size(0)})); }

}  // namespace

Tensor spectrally_normalized(const Tensor& weight, Tensor& u, bool update) {
  const FullPrecision full_precision(weight.device().type());
  const Tensor matrix = weight.flatten(1);  // [O,I]
  Tensor left, right;
  {
    const torch::NoGradGuard no_grad;
    const Tensor constant = matrix.detach();
    right = unit(constant.t().mv(u));
    left = update ? unit(constant.mv(right)) : u.clone();
    if (update)
      u.copy_(left);  // `left` stays in the graph as a copy: the next pass may change u before this one's backward pass
  }
  return weight / left.dot(matrix.mv(right));
}

SpectralLinearImpl::SpectralLinearImpl(const torch::nn::LinearOptions& options, bool on) : LinearImpl(options) {
  if (on) u_ = register_buffer("u", start(weight));
}

Tensor SpectralLinearImpl::forward(const Tensor& x) {
  if (!u_.defined()) return LinearImpl::forward(x);
  return affine(x, spectrally_normalized(weight, u_, is_training()), bias);
}

SpectralConv2dImpl::SpectralConv2dImpl(const torch::nn::Conv2dOptions& options, bool on)
    : torch::nn::Conv2dImpl(options) {
  if (on) u_ = register_buffer("u", start(weight));
}

Tensor SpectralConv2dImpl::forward(const Tensor& x) {
  if (!u_.defined()) return torch::nn::Conv2dImpl::forward(x);
  return _conv_forward(x, spectrally_normalized(weight, u_, is_training()));
}

}  // namespace figment
