#include "figment/nn/conv_trunk.h"

#include <fmt/format.h>

#include "figment/base/error.h"

namespace figment {
namespace {

int64_t channels_of(const ConvTrunk& trunk, int64_t stage) { return trunk.width << stage; }

void expect_room(const ConvTrunk& trunk, const PixelSpec& pixels) {
  int64_t most = 0;
  while (std::min(pixels.height, pixels.width) >> (most + 1)) ++most;
  if (trunk.stages > most)
    throw ConfigError(
        fmt::format("stages: an image of {} x {} pixels can be halved {} times, got {}; lower stages or bring the "
                    "images to a larger size",
                    pixels.width, pixels.height, most, trunk.stages));
}

}  // namespace

ConvEncoderImpl::ConvEncoderImpl(const ConvTrunk& trunk, const PixelSpec& pixels) {
  expect_room(trunk, pixels);
  int64_t channels = pixels.channels;
  for (int64_t stage = 0; stage < trunk.stages; ++stage) {
    const int64_t wider = channels_of(trunk, stage);
    stages_->push_back(torch::nn::Conv2d(torch::nn::Conv2dOptions(channels, wider, 4).stride(2).padding(1)));
    channels = wider;
  }
  register_module("stages", stages_);
  const int64_t area = (pixels.height >> trunk.stages) * (pixels.width >> trunk.stages);
  dense_ = register_module("dense", Linear(channels * area, trunk.features));
}

Tensor ConvEncoderImpl::forward(Tensor x) {
  for (const auto& stage : *stages_) x = torch::silu(stage->as<torch::nn::Conv2dImpl>()->forward(x));
  return torch::silu(dense_(x.flatten(1)));
}

ConvDecoderImpl::ConvDecoderImpl(const ConvTrunk& trunk, int64_t inputs, int64_t outputs, const PixelSpec& pixels)
    : height_(pixels.height), width_(pixels.width) {
  expect_room(trunk, pixels);
  const int64_t factor = int64_t{1} << trunk.stages;
  top_height_ = (height_ + factor - 1) / factor;
  top_width_ = (width_ + factor - 1) / factor;
  int64_t channels = channels_of(trunk, trunk.stages - 1);
  features_ = register_module("features", Linear(inputs, trunk.features));
  maps_ = register_module("maps", Linear(trunk.features, channels * top_height_ * top_width_));
  for (int64_t stage = trunk.stages - 2; stage >= 0; --stage) {
    const int64_t narrower = channels_of(trunk, stage);
    stages_->push_back(
        torch::nn::ConvTranspose2d(torch::nn::ConvTranspose2dOptions(channels, narrower, 4).stride(2).padding(1)));
    channels = narrower;
  }
  register_module("stages", stages_);
  pixels_ = register_module("pixels", torch::nn::Conv2d(torch::nn::Conv2dOptions(channels, 4 * outputs, 3).padding(1)));
}

Tensor ConvDecoderImpl::forward(Tensor z) {
  z = torch::silu(maps_(torch::silu(features_(z)))).view({z.size(0), -1, top_height_, top_width_});
  for (const auto& stage : *stages_) z = torch::silu(stage->as<torch::nn::ConvTranspose2dImpl>()->forward(z));
  const Tensor image = torch::pixel_shuffle(pixels_(z), 2);  // [N,outputs,H,W], a little more where a side is odd
  if (image.size(2) == height_ && image.size(3) == width_) return image;  // a view's gradient would be a copy
  return image.narrow(2, 0, height_).narrow(3, 0, width_);
}

}  // namespace figment
