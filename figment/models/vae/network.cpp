#include "figment/models/vae/network.h"

namespace figment::vae {
namespace {

DenseKind dense_kind(const Config& config) {
  return config.network == NetworkKind::kGatedDense ? DenseKind::kGated : DenseKind::kPlain;
}

}  // namespace

Tensor Posterior::draw() const { return mean + (log_var / 2).exp() * torch::randn_like(mean); }

EncoderImpl::EncoderImpl(const Config& config, const PixelSpec& pixels)
    : shape_{pixels.channels, pixels.height, pixels.width} {
  int64_t features = config.trunk.features;
  if (config.network == NetworkKind::kConv) {
    conv_ = register_module("conv", ConvEncoder(config.trunk, pixels));
  } else {
    dense_ = register_module("dense", DenseTrunk(pixels.dimensions(), config.hidden, dense_kind(config)));
    features = dense_->features();
  }
  head_ = register_module("head", Linear(features, 2 * config.latent));
}

Posterior EncoderImpl::forward(const Tensor& x) {
  expect_shape(x, {-1, shape_[0], shape_[1], shape_[2]}, "vae::Encoder::forward", "x");
  const Tensor features = conv_ ? conv_(x) : dense_(x.flatten(1));
  const auto h = at_least_fp32(head_(features)).chunk(2, 1);
  return {h[0], h[1].clamp(-30, 20)};
}

DecoderImpl::DecoderImpl(const Config& config, const PixelSpec& pixels, int64_t outputs)
    : latent_(config.latent), shape_{-1, outputs * pixels.channels, pixels.height, pixels.width} {
  if (config.network == NetworkKind::kConv) {
    conv_ = register_module("conv", ConvDecoder(config.trunk, config.latent, outputs * pixels.channels, pixels));
  } else {
    const std::vector<int64_t> mirrored(config.hidden.rbegin(), config.hidden.rend());
    dense_ = register_module("dense", DenseTrunk(config.latent, mirrored, dense_kind(config)));
    head_ = register_module("head", Linear(dense_->features(), outputs * pixels.dimensions()));
  }
}

Tensor DecoderImpl::forward(const Tensor& z) {
  expect_shape(z, {-1, latent_}, "vae::Decoder::forward", "z");
  return conv_ ? conv_(z) : head_(dense_(z)).view(shape_);
}

}  // namespace figment::vae
