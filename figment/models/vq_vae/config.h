#pragma once
#include "figment/contracts/optimizer.h"
#include "figment/models/cards.h"
#include "figment/nn/quantizer_options.h"

namespace figment::vq_vae {

inline constexpr Card kCard{
    .title = "Vector-quantised variational autoencoder",
    .paper = "arXiv:1711.00937",
    .year = 2017,
    .summary = "Writes each image as a small grid of codes out of a learned codebook, and draws it again from them."};

enum class HeadKind { kSquaredError, kDiscretisedLogistic, kCategorical };
constexpr auto words(HeadKind) {
  return std::to_array<std::string_view>({"squared_error", "discretised_logistic", "categorical"});
}

struct Config {
  int64_t stages = 2, stem = 32, width = 128, blocks = 2, residual = 64;
  QuantizerOptions quantizer;
  HeadKind head = HeadKind::kSquaredError;
  int64_t warm_up_images = 19200;
  Optimizer optimizer = {.learning_rate = 4e-3};
  static constexpr auto schema() {
    return fields(
        field<&Config::stages>("stride-2 stages: each halves the image's sides, and what is left is the grid", {1, 7}),
        field<&Config::stem>("channels of the larger maps", {1, 4096}),
        field<&Config::width>("channels of the maps at the grid's size", {1, 4096}),
        field<&Config::blocks>("residual blocks on either side", {0, 64}),
        field<&Config::residual>("channels inside a residual block", {1, 4096}), field<&Config::quantizer>("quantizer"),
        field<&Config::head>("squared_error: the picture alone; discretised_logistic, categorical: a probability for "
                             "each level of a pixel, so that bits per dimension exist"),
        field<&Config::warm_up_images>("images on which encoder and decoder first learn without codes, a quarter of "
                                       "the training at most; the codebook "
                                       "starts at its end",
                                       {0, 1e12}),
        field<&Config::optimizer>("optimizer"));
  }
};
static_assert(complete<Config>(), "schema() must list every member");

}  // namespace figment::vq_vae
