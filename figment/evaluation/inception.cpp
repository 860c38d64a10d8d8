#include "figment/evaluation/inception.h"

#include <fmt/format.h>

#include "figment/base/error.h"
#include "figment/tensor/shapes.h"

namespace figment {
namespace {

constexpr int64_t kSide = 299;        // pixels
constexpr int64_t kTogether = 8;      // images: the two largest maps that are alive at once take 66 MB
constexpr double kStabiliser = 1e-3;  // added to the variances, as Keras does

enum Edge { kPadded, kInside };

/// A convolution without bias; behind each stand a normalisation without scale and max(0, x).
struct Conv {
  int64_t channels, height = 1, width = 1, stride = 1;
  Edge edge = kPadded;
};
using Convolve = std::function<Tensor(const Tensor& x, const Conv&)>;

Tensor halved(const Tensor& x) { return torch::max_pool2d(x, 3, 2); }
Tensor smoothed(const Tensor& x) {
  return torch::avg_pool2d(x, 3, 1, 1, /*ceil_mode=*/false, /*count_include_pad=*/false);
}

/// The whole network, [N,3,299,299] -> [N,2048]. Whoever calls it says what a convolution does; they come in the order
/// of their numbers.
Tensor features(Tensor x, const Convolve& convolve) {
  const auto path = [&](Tensor from, std::initializer_list<Conv> convs) {
    for (const Conv& conv : convs) from = convolve(from, conv);
    return from;
  };
  const auto beside = [](const std::vector<Tensor>& paths) { return torch::cat(paths, 1); };
  const auto crossed = [&](const Tensor& from) {
    return beside({path(from, {{384, 1, 3}}), path(from, {{384, 3, 1}})});
  };

  x = halved(path(x, {{32, 3, 3, 2, kInside}, {32, 3, 3, 1, kInside}, {64, 3, 3}}));
  x = halved(path(x, {{80}, {192, 3, 3, 1, kInside}}));
  for (const int64_t pooled : {32, 64, 64})  // maps of 35 x 35
    x = beside({
        path(x, {{64}}),
        path(x, {{48}, {64, 5, 5}}),
        path(x, {{64}, {96, 3, 3}, {96, 3, 3}}),
        path(smoothed(x), {{pooled}}),
    });
  x = beside({
      path(x, {{384, 3, 3, 2, kInside}}),
      path(x, {{64}, {96, 3, 3}, {96, 3, 3, 2, kInside}}),
      halved(x),
  });
  for (const int64_t inner : {128, 160, 160, 192})  // 17 x 17
    x = beside({
        path(x, {{192}}),
        path(x, {{inner}, {inner, 1, 7}, {192, 7, 1}}),
        path(x, {{inner}, {inner, 7, 1}, {inner, 1, 7}, {inner, 7, 1}, {192, 1, 7}}),
        path(smoothed(x), {{192}}),
    });
  x = beside({
      path(x, {{192}, {320, 3, 3, 2, kInside}}),
      path(x, {{192}, {192, 1, 7}, {192, 7, 1}, {192, 3, 3, 2, kInside}}),
      halved(x),
  });
  for (int block = 0; block < 2; ++block)  // 8 x 8
    x = beside({
        path(x, {{320}}),
        crossed(path(x, {{384}})),
        crossed(path(x, {{448}, {384, 3, 3}})),
        path(smoothed(x), {{192}}),
    });
  return x.mean({2, 3});
}

std::string layer_name(size_t number) { return fmt::format("layers.{}.", number); }

}  // namespace

TensorMap inception_tensors() {
  TensorMap tensors;
  size_t number = 0;
  // A pass without numbers: extents alone.
  features(torch::empty({1, 3, kSide, kSide}, torch::kMeta), [&](const Tensor& x, const Conv& conv) {
    const std::string layer = layer_name(++number);
    tensors[layer + "weight"] = torch::empty({conv.channels, x.size(1), conv.height, conv.width});
    for (const char* name : {"beta", "mean", "variance"}) tensors[layer + name] = torch::empty({conv.channels});
    const auto extent = [&](int64_t before, int64_t kernel) {
      return conv.edge == kPadded ? before : (before - kernel) / conv.stride + 1;
    };
    return torch::empty({1, conv.channels, extent(x.size(2), conv.height), extent(x.size(3), conv.width)},
                        torch::kMeta);
  });
  return tensors;
}

Inception::Inception(const TensorFile& file, std::string_view where, torch::Device device) {
  const TensorMap tensors = inception_tensors();
  load_strictly(file.tensors, tensors, where);
  const auto name = file.metadata.find("name");
  if (name == file.metadata.end())
    throw CheckpointError(
        fmt::format("{}: must say in its metadata which weights these are ('name'), got nothing; "
                    "tools/inception writes such a file",
                    where));
  name_ = fmt::format("{}, bilinear {}", name->second, kSide);
  const torch::NoGradGuard no_grad;
  for (size_t number = 1; number <= tensors.size() / 4; ++number) {
    const auto part = [&](const char* which) { return tensors.at(layer_name(number) + which); };
    // The normalisation is linear: it becomes part of the convolution.
    const Tensor scale = (part("variance") + kStabiliser).rsqrt();
    const Layer layer{part("weight") * scale.view({-1, 1, 1, 1}), part("beta") - part("mean") * scale};
    if (!torch::isfinite(layer.weight).all().item<bool>() || !torch::isfinite(layer.bias).all().item<bool>())
      throw CheckpointError(
          fmt::format("{}: must hold finite numbers and no negative variances; see layer {}", where, number));
    layers_.push_back({layer.weight.to(device, torch::kFloat, false, false, torch::MemoryFormat::ChannelsLast),
                       layer.bias.to(device)});
  }
}

Tensor Inception::embed(const Tensor& x) {
  expect_shape(x, {-1, x.dim() == 4 && x.size(1) == 1 ? 1 : 3, -1, -1}, "Inception", "x");
  using torch::nn::functional::InterpolateFuncOptions;
  const auto resizer = InterpolateFuncOptions()
                           .size(std::vector<int64_t>{kSide, kSide})
                           .mode(torch::kBilinear)
                           .align_corners(false)
                           .antialias(true);
  std::vector<Tensor> parts;
  for (const Tensor& some : x.split(kTogether)) {
    const Tensor images = torch::nn::functional::interpolate(some.to(torch::kFloat), resizer).expand({-1, 3, -1, -1});
    size_t next = 0;
    parts.push_back(
        features(images.contiguous(torch::MemoryFormat::ChannelsLast), [&](const Tensor& in, const Conv& conv) {
          const Layer& layer = layers_[next++];
          const std::vector<int64_t> padding =
              conv.edge == kPadded ? std::vector<int64_t>{conv.height / 2, conv.width / 2} : std::vector<int64_t>{0, 0};
          return torch::conv2d(in, layer.weight, layer.bias, conv.stride, padding).relu_();
        }));
  }
  return torch::cat(parts);
}

}  // namespace figment
