#include "figment/models/pixel_cnn/network.h"

#include <fmt/format.h>

#include "figment/base/error.h"
#include "figment/models/pixel_cnn/gate.h"

namespace figment::pixel_cnn {
namespace {

void expect_odd(int64_t side, std::string_view which) {
  if (side % 2 == 0)
    throw ConfigError(
        fmt::format("{}: the side of a kernel must be odd, got {}; {} or {} will do", which, side, side - 1, side + 1));
}

torch::nn::Conv2d conv(int64_t inputs, int64_t outputs, int64_t height, int64_t width, bool bias = true) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(inputs, outputs, {height, width}).bias(bias));
}

Tensor each_place(const Tensor& of_image) { return of_image.unsqueeze(-1).unsqueeze(-1); }

}  // namespace

Alphabet alphabet_of(const DataSpec& data) {
  if (const auto* codes = std::get_if<CodeSpec>(&data.x))
    return {.symbols = codes->num_codes, .height = codes->height, .width = codes->width, .codes = true};
  const PixelSpec& p = pixels(data);
  return {.channels = p.channels, .symbols = p.levels, .height = p.height, .width = p.width};
}

Network::Network(const Config& config, const Alphabet& alphabet, int64_t features, int64_t outputs)
    : alphabet_(alphabet) {
  expect_odd(config.kernel, "kernel");
  expect_odd(config.first_kernel, "first_kernel");
  if (alphabet.codes) embedding = register_module("embedding", torch::nn::Embedding(alphabet.symbols, config.width));
  hidden = register_module("hidden", conv(features, config.head_width, 1, 1));
  out = register_module("out", conv(config.head_width, outputs, 1, 1));
}

Tensor Network::embedded(const Tensor& symbols) {
  expect_shape(symbols, {-1, alphabet_.channels, alphabet_.height, alphabet_.width}, "pixel_cnn::Network", "symbols");
  if (alphabet_.codes) return embedding(symbols.squeeze(1)).permute({0, 3, 1, 2});
  const Tensor x = symbols.to(parameters().front().scalar_type()) * (2.0 / double(alphabet_.symbols - 1)) - 1;
  return torch::cat({x, torch::ones_like(x.narrow(1, 0, 1))}, 1);
}

GatedImpl::LayerImpl::LayerImpl(int64_t inputs, int64_t width, int64_t kernel, bool first, bool last, int64_t classes) {
  const int64_t half = kernel / 2, own = first ? 0 : 1;  // the first layer must not see its own position
  above = register_module("above", conv(inputs, 2 * width, half + own, kernel));
  left = register_module("left", conv(inputs, 2 * width, 1, half + own, false));
  link = register_module("link", conv(2 * width, 2 * width, 1, 1));
  skip = register_module("skip", conv(width, width, 1, 1));
  if (!last) across = register_module("across", conv(width, width, 1, 1));
  if (classes > 0) of_class = register_module("of_class", torch::nn::Embedding(classes, 4 * width));
}

GatedImpl::GatedImpl(const Config& config, const Alphabet& alphabet, int64_t classes, int64_t outputs)
    : Network(config, alphabet, config.width, outputs) {
  for (int64_t i = 0; i < config.layers; ++i)
    layers->push_back(Layer(i == 0 ? inputs() : config.width, config.width,
                            i == 0 ? config.first_kernel : config.kernel, i == 0, i + 1 == config.layers, classes));
  register_module("layers", layers);
  places = register_parameter("places", torch::zeros({4 * config.width, alphabet.height, alphabet.width}));
}

Tensor GatedImpl::forward(const Tensor& input, const Tensor& label) {
  Tensor v = input, h = input, skip;  // vertical stack: rows above. horizontal stack: the row so far
  for (size_t i = 0; i < layers->size(); ++i) {
    auto& layer = *layers[i]->as<LayerImpl>();
    const int64_t half = layer.above->options.kernel_size()->at(1) / 2, past = i == 0 ? -1 : 0;  // -1: without its own
    Tensor a_v = layer.above(torch::constant_pad_nd(v, {half, half, half, past}));
    Tensor a_h = layer.left(torch::constant_pad_nd(h, {half, past}));
    if (i == 0) {
      const auto shift = places.chunk(2);
      a_v = a_v + shift[0], a_h = a_h + shift[1];
    }
    a_h = a_h + layer.link(a_v);
    if (layer.of_class) {
      const auto shift = each_place(layer.of_class(label)).chunk(2, 1);
      a_v = a_v + shift[0], a_h = a_h + shift[1];
    }
    const Tensor g = gate(a_h);
    skip = i == 0 ? layer.skip(g) : skip + layer.skip(g);
    if (!layer.across) break;
    v = gate(a_v);
    h = i == 0 ? layer.across(g)
               : h + layer.across(g);  // no residual at i = 0: the input holds the pixel to be predicted
  }
  return head(skip);
}

MaskedConvImpl::MaskedConvImpl(int64_t inputs, int64_t outputs, int64_t side, Mask mask, int64_t classes)
    : half(side / 2) {
  if (half > 0) above = register_module("above", conv(inputs, outputs, half, side));
  left = register_module("left", conv(inputs, outputs, 1, half + (mask == Mask::kB ? 1 : 0)));
  if (classes > 0) of_class = register_module("of_class", torch::nn::Embedding(classes, outputs));
}

Tensor MaskedConvImpl::forward(const Tensor& x, const Tensor& label) {
  const int64_t past = left->options.kernel_size()->at(1) == half ? -1 : 0;  // -1: without its own
  Tensor y = left(torch::constant_pad_nd(x, {half, past}));
  if (half > 0) y = y + above(torch::constant_pad_nd(x, {half, half, half, -1}));
  return of_class ? y + each_place(of_class(label)) : y;
}

MaskedImpl::BlockImpl::BlockImpl(int64_t width, int64_t kernel, int64_t classes) {
  narrow = register_module("narrow", conv(2 * width, width, 1, 1));
  masked = register_module("masked", MaskedConv(width, width, kernel, MaskedConvImpl::Mask::kB, classes));
  wide = register_module("wide", conv(width, 2 * width, 1, 1));
}

Tensor MaskedImpl::BlockImpl::forward(const Tensor& x, const Tensor& label) {
  return x + wide(torch::relu(masked(torch::relu(narrow(torch::relu(x))), label)));
}

MaskedImpl::MaskedImpl(const Config& config, const Alphabet& alphabet, int64_t classes, int64_t outputs)
    : Network(config, alphabet, 2 * config.width, outputs) {
  first = register_module(
      "first", MaskedConv(inputs(), 2 * config.width, config.first_kernel, MaskedConvImpl::Mask::kA, classes));
  for (int64_t i = 0; i < config.layers; ++i) blocks->push_back(Block(config.width, config.kernel, classes));
  register_module("blocks", blocks);
  places = register_parameter("places", torch::zeros({2 * config.width, alphabet.height, alphabet.width}));
}

Tensor MaskedImpl::forward(const Tensor& input, const Tensor& label) {
  Tensor x = first(input, label) + places;
  for (const auto& block : *blocks) x = block->as<BlockImpl>()->forward(x, label);
  return head(x);
}

}  // namespace figment::pixel_cnn
