// The convolutional encoder and decoder of the autoencoders: mirror images of each other.
// Legend: N batch, C channels, H W extents, F features, I inputs.
#pragma once
#include "figment/contracts/spec.h"
#include "figment/nn/conv_options.h"
#include "figment/nn/linear.h"
#include "figment/tensor/tensors.h"

namespace figment {

/// Stages of a 4x4 convolution with stride 2 that double the channels, then a dense layer; SiLU after each. Odd
/// sides round down; padding covers the last row.
/// Source   the encoder of Radford et al. 2016, arXiv:1511.06434, without batch normalisation
/// Input    [N,C,H,W] of the extents it was made for
/// Output   [N,F], F = trunk.features
/// Throws   ConfigError when the image is too small for so many stages
class ConvEncoderImpl : public torch::nn::Module {
 public:
  ConvEncoderImpl(const ConvTrunk& trunk, const PixelSpec& pixels);
  Tensor forward(Tensor x);

 private:
  torch::nn::ModuleList stages_;
  Linear dense_{nullptr};
};
TORCH_MODULE(ConvEncoder);

/// Two dense layers, transposed 4x4 convolutions with stride 2 that halve the channels, and last a 3x3 convolution at
/// half the resolution whose channels become 2x2 pixels (pixel shuffle), which is cheaper than a transposed convolution
/// at full resolution. SiLU after all but the last. The smallest map's sides are rounded up, so the output covers the
/// image and is cropped to it.
/// Source   pixel shuffle: Shi et al. 2016, arXiv:1609.05158
/// Input    [N,I]
/// Output   [N,outputs,H,W], any range
/// Throws   ConfigError when the image is too small for so many stages
class ConvDecoderImpl : public torch::nn::Module {
 public:
  ConvDecoderImpl(const ConvTrunk& trunk, int64_t inputs, int64_t outputs, const PixelSpec& pixels);
  Tensor forward(Tensor z);

 private:
  int64_t height_, width_;          // of the image
  int64_t top_height_, top_width_;  // of the smallest map
  Linear features_{nullptr}, maps_{nullptr};
  torch::nn::ModuleList stages_;
  torch::nn::Conv2d pixels_{nullptr};
};
TORCH_MODULE(ConvDecoder);

}  // namespace figment
