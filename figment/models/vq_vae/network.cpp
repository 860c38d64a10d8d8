#include "figment/models/vq_vae/network.h"

#include <fmt/format.h>

#include "figment/base/error.h"

namespace figment::vq_vae {
namespace {

using torch::nn::Conv2dImpl, torch::nn::Conv2dOptions, torch::nn::ConvTranspose2dImpl;

torch::nn::Conv2d conv(int64_t from, int64_t to, int64_t kernel) {
  return torch::nn::Conv2d(Conv2dOptions(from, to, kernel).padding(kernel / 2));
}

void expect_divisible(int64_t stages, const PixelSpec& pixels) {
  if (const int64_t factor = int64_t{1} << stages; pixels.height % factor != 0 || pixels.width % factor != 0)
    throw ConfigError(
        fmt::format("stages: {} of them need sides that can be divided by {}, got images of {} x {}; "
                    "lower model.stages or set data.size to such a number",
                    stages, factor, pixels.width, pixels.height));
}

}  // namespace

ResidualStackImpl::ResidualStackImpl(const Config& config) {
  for (int64_t i = 0; i < config.blocks; ++i) {
    wide_->push_back(conv(config.width, config.residual, 3));
    narrow_->push_back(conv(config.residual, config.width, 1));
  }
  register_module("wide", wide_);
  register_module("narrow", narrow_);
}

Tensor ResidualStackImpl::forward(Tensor x) {
  for (size_t i = 0; i < wide_->size(); ++i) {
    const Tensor inner = wide_[i]->as<Conv2dImpl>()->forward(torch::relu(x));
    x = x + narrow_[i]->as<Conv2dImpl>()->forward(torch::relu(inner));
  }
  return torch::relu(x);
}

EncoderImpl::EncoderImpl(const Config& config, const PixelSpec& pixels, int64_t code_size)
    : shape_{pixels.channels, pixels.height, pixels.width} {
  expect_divisible(config.stages, pixels);
  int64_t channels = pixels.channels;
  for (int64_t left = config.stages; left > 0; --left) {
    const int64_t next = left == 1 ? config.width : config.stem;
    stages_->push_back(torch::nn::Conv2d(Conv2dOptions(channels, next, 4).stride(2).padding(1)));
    channels = next;
  }
  register_module("stages", stages_);
  blocks_ = register_module("blocks", ResidualStack(config));
  code_ = register_module("code", conv(config.width, code_size, 1));
}

Tensor EncoderImpl::forward(Tensor x) {
  expect_shape(x, {-1, shape_[0], shape_[1], shape_[2]}, "vq_vae::Encoder::forward", "x");
  for (size_t i = 0; i < stages_->size(); ++i) x = stages_[i]->as<Conv2dImpl>()->forward(i == 0 ? x : torch::relu(x));
  return code_(blocks_(x));
}

DecoderImpl::DecoderImpl(const Config& config, int64_t code_size, int64_t outputs) {
  code_ = register_module("code", conv(code_size, config.width, 3));
  blocks_ = register_module("blocks", ResidualStack(config));
  int64_t channels = config.width;
  for (int64_t i = 1; i < config.stages; ++i) {
    stages_->push_back(
        torch::nn::ConvTranspose2d(torch::nn::ConvTranspose2dOptions(channels, config.stem, 4).stride(2).padding(1)));
    channels = config.stem;
  }
  register_module("stages", stages_);
  pixels_ = register_module("pixels", conv(channels, 4 * outputs, 3));
}

Tensor DecoderImpl::forward(Tensor z) {
  Tensor x = blocks_(code_(z));
  for (const auto& stage : *stages_) x = torch::relu(stage->as<ConvTranspose2dImpl>()->forward(x));
  return torch::pixel_shuffle(pixels_(x), 2);
}

}  // namespace figment::vq_vae
