#include "figment/models/gan/network.h"

#include <fmt/format.h>

#include "figment/base/error.h"
#include "figment/nn/spectral_norm.h"

namespace figment::gan {
namespace {

using torch::nn::BatchNorm2d, torch::nn::BatchNorm2dImpl, torch::nn::BatchNorm2dOptions, torch::nn::Conv2dOptions,
    torch::nn::ConvTranspose2d, torch::nn::ConvTranspose2dImpl, torch::nn::ConvTranspose2dOptions;

constexpr double kLeak = 0.2;

Tensor leaky(const Tensor& x) { return torch::leaky_relu(x, kLeak); }

/// With cumulative averages: after a reset all batches have equal weight (`Gan::refresh`).
BatchNorm2d batch_norm(int64_t channels) { return BatchNorm2d(BatchNorm2dOptions(channels).momentum(std::nullopt)); }

SpectralConv2d conv(const Config& config, int64_t from, int64_t to, int64_t kernel, int64_t stride = 1) {
  return SpectralConv2d(Conv2dOptions(from, to, kernel).stride(stride).padding((kernel - 1) / 2), config.spectral_norm);
}

/// Extents of an example.
struct Shape {
  std::vector<int64_t> extents;  // without the batch
  bool points = false;
  int64_t size() const {
    int64_t all = 1;
    for (const int64_t extent : extents) all *= extent;
    return all;
  }
};
Shape shape_of(const DataSpec& data) {
  if (const auto* points = std::get_if<PointSpec>(&data.x)) return {.extents = {points->numbers}, .points = true};
  const PixelSpec& p = pixels(data);
  return {.extents = {p.channels, p.height, p.width}};
}

class DenseGenerator final : public Generator {
 public:
  DenseGenerator(const Config& config, const Shape& shape) : shape_(shape) {
    int64_t width = config.latent;
    for (const int64_t next : config.hidden) layers_->push_back(Linear(std::exchange(width, next), next));
    register_module("layers", layers_);
    out_ = register_module("out", Linear(width, shape.size()));
  }
  Tensor forward(const Tensor& z) override {
    Tensor x = z;
    for (const auto& layer : *layers_) x = torch::relu(layer->as<LinearImpl>()->forward(x));
    x = out_(x);
    return shape_.points ? x : torch::tanh(x).unflatten(1, shape_.extents);
  }

 private:
  Shape shape_;
  torch::nn::ModuleList layers_;
  Linear out_{nullptr};
};

class DenseDiscriminator final : public Discriminator {
 public:
  DenseDiscriminator(const Config& config, const Shape& shape) {
    int64_t width = shape.size();
    for (const int64_t next : config.hidden)
      layers_->push_back(
          SpectralLinear(torch::nn::LinearOptions(std::exchange(width, next), next), config.spectral_norm));
    register_module("layers", layers_);
    out_ = register_module("out", SpectralLinear(torch::nn::LinearOptions(width, 1), config.spectral_norm));
  }
  Tensor forward(const Tensor& x) override {
    Tensor h = x.flatten(1);
    for (const auto& layer : *layers_) h = leaky(layer->as<SpectralLinearImpl>()->forward(h));
    return out_(h).squeeze(1);
  }

 private:
  torch::nn::ModuleList layers_;
  SpectralLinear out_{nullptr};
};

/// Sides that can be halved `stages` times, at least as large as the image's.
struct Frame {
  int64_t channels, height, width, top_height, top_width, top_channels;
};
Frame frame_of(const Config& config, const DataSpec& data) {
  if (std::holds_alternative<PointSpec>(data.x))
    throw DataError(fmt::format("model.network={} needs pictures, and the data holds points; set model.network=dense",
                                kWords<NetworkKind>[size_t(config.network)]));
  const PixelSpec& p = pixels(data);
  const int64_t factor = int64_t{1} << config.stages;
  if (std::min(p.height, p.width) < factor)
    throw ConfigError(
        fmt::format("stages: {} of them need sides of at least {}, got images of {} x {}; lower "
                    "model.stages or set data.size to such a number",
                    config.stages, factor, p.width, p.height));
  return {.channels = p.channels,
          .height = p.height,
          .width = p.width,
          .top_height = (p.height + factor - 1) / factor,
          .top_width = (p.width + factor - 1) / factor,
          .top_channels = config.width << (config.stages - 1)};
}

/// The middle of a feature map that is larger than the image.
Tensor cropped(const Tensor& x, const Frame& frame) {
  const int64_t down = x.size(2) - frame.height, right = x.size(3) - frame.width;
  if (down == 0 && right == 0) return x;
  return x.narrow(2, down / 2, frame.height).narrow(3, right / 2, frame.width);
}

/// Pads an image that is smaller than the frame with black.
Tensor padded(const Tensor& x, const Frame& frame, int64_t stages) {
  const int64_t down = (frame.top_height << stages) - frame.height, right = (frame.top_width << stages) - frame.width;
  if (down == 0 && right == 0) return x;
  return torch::constant_pad_nd(x, {right / 2, right - right / 2, down / 2, down - down / 2}, -1);
}

/// N(0, 0.02) for kernels, N(1, 0.02) for the scales of batch norm, as the paper starts.
void start_as_dcgan(torch::nn::Module& module) {
  const torch::NoGradGuard no_grad;
  for (auto& item : module.named_parameters()) {
    const bool vector = item.value().dim() == 1;
    if (item.key().ends_with("bias"))
      item.value().zero_();
    else
      item.value().normal_(vector ? 1 : 0, 0.02);
  }
}

class ConvGenerator final : public Generator {
 public:
  ConvGenerator(const Config& config, const DataSpec& data) : frame_(frame_of(config, data)) {
    const auto& [channels, height, width, top_height, top_width, top_channels] = frame_;
    dense_ = register_module("dense", Linear(config.latent, top_channels * top_height * top_width));
    norms_->push_back(batch_norm(top_channels));
    int64_t wide = top_channels;
    for (int64_t left = config.stages; left > 0; --left) {
      const int64_t next = left == 1 ? channels : wide / 2;
      stages_->push_back(ConvTranspose2d(ConvTranspose2dOptions(wide, next, 4).stride(2).padding(1).bias(left == 1)));
      if (left > 1) norms_->push_back(batch_norm(next));
      wide = next;
    }
    register_module("stages", stages_);
    register_module("norms", norms_);
    start_as_dcgan(*this);
  }
  Tensor forward(const Tensor& z) override {
    Tensor x = dense_(z).view({z.size(0), frame_.top_channels, frame_.top_height, frame_.top_width});
    for (size_t i = 0; i < stages_->size(); ++i)
      x = stages_[i]->as<ConvTranspose2dImpl>()->forward(torch::relu(norms_[i]->as<BatchNorm2dImpl>()->forward(x)));
    return torch::tanh(cropped(x, frame_));
  }

 private:
  Frame frame_;
  Linear dense_{nullptr};
  torch::nn::ModuleList norms_, stages_;
};

class ConvDiscriminator final : public Discriminator {
 public:
  ConvDiscriminator(const Config& config, const DataSpec& data)
      : frame_(frame_of(config, data)), halvings_(config.stages) {
    int64_t channels = frame_.channels;
    for (int64_t stage = 0; stage < config.stages; ++stage) {
      const int64_t next = config.width << stage;
      stages_->push_back(conv(config, channels, next, 4, 2));
      channels = next;
    }
    register_module("stages", stages_);
    out_ = register_module("out",
                           SpectralLinear(torch::nn::LinearOptions(channels * frame_.top_height * frame_.top_width, 1),
                                          config.spectral_norm));
    start_as_dcgan(*this);
  }
  Tensor forward(const Tensor& x) override {
    Tensor h = padded(x, frame_, halvings_);
    for (const auto& stage : *stages_) h = leaky(stage->as<SpectralConv2dImpl>()->forward(h));
    return out_(h.flatten(1)).squeeze(1);
  }

 private:
  Frame frame_;
  int64_t halvings_;
  torch::nn::ModuleList stages_;
  SpectralLinear out_{nullptr};
};

Tensor doubled(const Tensor& x) {
  return torch::nn::functional::interpolate(
      x, torch::nn::functional::InterpolateFuncOptions().scale_factor(std::vector<double>{2, 2}).mode(torch::kNearest));
}

Tensor halved(const Tensor& x) { return torch::avg_pool2d(x, 2); }

class UpBlockImpl : public torch::nn::Module {
 public:
  UpBlockImpl(int64_t from, int64_t to) {
    first_norm_ = register_module("first_norm", batch_norm(from));
    second_norm_ = register_module("second_norm", batch_norm(to));
    first_ = register_module("first", torch::nn::Conv2d(Conv2dOptions(from, to, 3).padding(1)));
    second_ = register_module("second", torch::nn::Conv2d(Conv2dOptions(to, to, 3).padding(1)));
    beside_ = register_module("beside", torch::nn::Conv2d(Conv2dOptions(from, to, 1)));
  }
  Tensor forward(const Tensor& x) {
    const Tensor inner = first_(doubled(torch::relu(first_norm_(x))));
    return second_(torch::relu(second_norm_(inner))) + beside_(doubled(x));
  }

 private:
  BatchNorm2d first_norm_{nullptr}, second_norm_{nullptr};
  torch::nn::Conv2d first_{nullptr}, second_{nullptr}, beside_{nullptr};
};
TORCH_MODULE(UpBlock);

class ResidualGenerator final : public Generator {
 public:
  ResidualGenerator(const Config& config, const DataSpec& data) : frame_(frame_of(config, data)) {
    dense_ =
        register_module("dense", Linear(config.latent, frame_.top_channels * frame_.top_height * frame_.top_width));
    int64_t wide = frame_.top_channels;
    for (int64_t left = config.stages; left > 0; --left) {
      const int64_t next = left == config.stages ? wide : wide / 2;
      blocks_->push_back(UpBlock(wide, next));
      wide = next;
    }
    register_module("blocks", blocks_);
    norm_ = register_module("norm", batch_norm(wide));
    out_ = register_module("out", torch::nn::Conv2d(Conv2dOptions(wide, frame_.channels, 3).padding(1)));
  }
  Tensor forward(const Tensor& z) override {
    Tensor x = dense_(z).view({z.size(0), frame_.top_channels, frame_.top_height, frame_.top_width});
    for (const auto& block : *blocks_) x = block->as<UpBlockImpl>()->forward(x);
    return torch::tanh(cropped(out_(torch::relu(norm_(x))), frame_));
  }

 private:
  Frame frame_;
  Linear dense_{nullptr};
  torch::nn::ModuleList blocks_;
  BatchNorm2d norm_{nullptr};
  torch::nn::Conv2d out_{nullptr};
};

class DownBlockImpl : public torch::nn::Module {
 public:
  DownBlockImpl(const Config& config, int64_t from, int64_t to, bool first) : first_block_(first) {
    first_ = register_module("first", conv(config, from, to, 3));
    second_ = register_module("second", conv(config, to, to, 3));
    beside_ = register_module("beside", conv(config, from, to, 1));
  }
  Tensor forward(const Tensor& x) {
    const Tensor inner = first_(first_block_ ? x : leaky(x));  // no activation on the image itself
    return halved(second_(leaky(inner)) + beside_(x));
  }

 private:
  bool first_block_;
  SpectralConv2d first_{nullptr}, second_{nullptr}, beside_{nullptr};
};
TORCH_MODULE(DownBlock);

class ResidualDiscriminator final : public Discriminator {
 public:
  ResidualDiscriminator(const Config& config, const DataSpec& data)
      : frame_(frame_of(config, data)), halvings_(config.stages) {
    int64_t channels = frame_.channels;
    for (int64_t stage = 0; stage < config.stages; ++stage) {
      const int64_t next = config.width << stage;
      blocks_->push_back(DownBlock(config, channels, next, stage == 0));
      channels = next;
    }
    register_module("blocks", blocks_);
    out_ = register_module("out", SpectralLinear(torch::nn::LinearOptions(channels, 1), config.spectral_norm));
  }
  Tensor forward(const Tensor& x) override {
    Tensor h = padded(x, frame_, halvings_);
    for (const auto& block : *blocks_) h = block->as<DownBlockImpl>()->forward(h);
    return out_(leaky(h).sum({2, 3})).squeeze(1);
  }

 private:
  Frame frame_;
  int64_t halvings_;
  torch::nn::ModuleList blocks_;
  SpectralLinear out_{nullptr};
};

}  // namespace

std::shared_ptr<Generator> make_generator(const Config& config, const DataSpec& data) {
  switch (config.network) {
    case NetworkKind::kDense:
      return std::make_shared<DenseGenerator>(config, shape_of(data));
    case NetworkKind::kConv:
      return std::make_shared<ConvGenerator>(config, data);
    case NetworkKind::kResidual:
      return std::make_shared<ResidualGenerator>(config, data);
  }
  throw std::logic_error("a network without a class");
}

std::shared_ptr<Discriminator> make_discriminator(const Config& config, const DataSpec& data) {
  switch (config.network) {
    case NetworkKind::kDense:
      return std::make_shared<DenseDiscriminator>(config, shape_of(data));
    case NetworkKind::kConv:
      return std::make_shared<ConvDiscriminator>(config, data);
    case NetworkKind::kResidual:
      return std::make_shared<ResidualDiscriminator>(config, data);
  }
  throw std::logic_error("a network without a class");
}

}  // namespace figment::gan
