#pragma once
#include "figment/contracts/optimizer.h"
#include "figment/models/cards.h"

namespace figment::pixel_cnn {

inline constexpr Term kTerms[] = {
    {"bits_per_code", "Bits per code", "Bits that lossless storage of one code would take. Smaller is better."},
    {"sight", "Receptive field", ""},
};

inline constexpr Card kCard{
    .title = "PixelCNN",
    .paper = "arXiv:1606.05328",
    .year = 2016,
    .summary = "Draws an image pixel by pixel, each from a distribution given the pixels before it.",
    .terms = kTerms};

enum class NetworkKind { kGated, kMasked };
constexpr auto words(NetworkKind) { return std::to_array<std::string_view>({"gated", "masked"}); }

enum class LikelihoodKind { kLogisticMixture, kCategorical };
constexpr auto words(LikelihoodKind) { return std::to_array<std::string_view>({"logistic_mixture", "categorical"}); }

struct Config {
  NetworkKind network = NetworkKind::kGated;
  int64_t width = 64, layers = 6, kernel = 3, first_kernel = 13, head_width = 128;
  LikelihoodKind likelihood = LikelihoodKind::kLogisticMixture;
  int64_t mixtures = 10;
  bool conditional = false;
  Optimizer optimizer{.learning_rate = 2e-3, .clip_norm = 1};
  static constexpr auto schema() {
    return fields(field<&Config::network>("gated: two stacks, no blind spot; masked: the original one"),
                  field<&Config::width>("channels of a layer", {1, 4096}),
                  field<&Config::layers>("gated: layers; masked: residual blocks after the first layer", {1, 256}),
                  field<&Config::kernel>("side of the kernels after the first layer, odd", {1, 31})
                      .used_when<&Config::network>(NetworkKind::kMasked)
                      .used_when<&Config::layers>(Above{1}),
                  field<&Config::first_kernel>("side of the first layer's kernel, odd", {3, 63}),
                  field<&Config::head_width>("channels of the layer before the output", {1, 8192}),
                  field<&Config::likelihood>(
                      "distribution of a pixel. logistic_mixture: a continuous density integrated over each level's "
                      "bin, so neighbouring levels have similar probabilities; categorical: one probability for each "
                      "level. Codes are always categorical"),
                  field<&Config::mixtures>("logistic distributions in the mixture of a pixel", {1, 256})
                      .used_when<&Config::likelihood>(LikelihoodKind::kLogisticMixture),
                  field<&Config::conditional>("condition on the class; the data must have classes"),
                  field<&Config::optimizer>("optimizer"));
  }
};
static_assert(complete<Config>(), "schema() must list every member");

}  // namespace figment::pixel_cnn
