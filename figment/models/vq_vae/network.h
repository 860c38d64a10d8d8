// Encoder and decoder of the VQ-VAE: tensor to tensor, no loss, no code.
// Legend: N batch, C channels, H W extents, D size of a code, h w extents of the grid.
#pragma once
#include "figment/contracts/spec.h"
#include "figment/models/vq_vae/config.h"
#include "figment/tensor/tensors.h"

namespace figment::vq_vae {

/// Residual blocks x + conv1x1(relu(conv3x3(relu(x)))), and a last relu.
/// Source   van den Oord et al. 2017, arXiv:1711.00937, Sec. 4.1
class ResidualStackImpl : public torch::nn::Module {
 public:
  explicit ResidualStackImpl(const Config&);
  Tensor forward(Tensor x);  // [N,width,h,w], the same

 private:
  torch::nn::ModuleList wide_, narrow_;
};
TORCH_MODULE(ResidualStack);

/// Stages of a 4x4 convolution with stride 2 (relu between them), the residual blocks, and a 1x1 convolution to the
/// size of a code.
/// Input    [N,C,H,W] in [-1,1]
/// Output   [N,D,h,w], h = H / 2^stages
/// Throws   ConfigError when a side cannot be halved so often
/// Differs  the first stages have fewer channels than the paper's 256, because they work at the higher resolutions
class EncoderImpl : public torch::nn::Module {
 public:
  EncoderImpl(const Config&, const PixelSpec&, int64_t code_size);
  Tensor forward(Tensor x);

 private:
  std::vector<int64_t> shape_;  // of the input, without N
  torch::nn::ModuleList stages_;
  ResidualStack blocks_{nullptr};
  torch::nn::Conv2d code_{nullptr};
};
TORCH_MODULE(Encoder);

/// The encoder's mirror image: a 3x3 convolution, the residual blocks, transposed 4x4 convolutions with stride 2, and
/// last a 3x3 convolution at half the resolution whose channels become 2x2 pixels (pixel shuffle).
/// Input    [N,D,h,w]
/// Output   [N,outputs,H,W], any range
class DecoderImpl : public torch::nn::Module {
 public:
  DecoderImpl(const Config&, int64_t code_size, int64_t outputs);
  Tensor forward(Tensor z);

 private:
  torch::nn::Conv2d code_{nullptr};
  ResidualStack blocks_{nullptr};
  torch::nn::ModuleList stages_;
  torch::nn::Conv2d pixels_{nullptr};
};
TORCH_MODULE(Decoder);

}  // namespace figment::vq_vae
