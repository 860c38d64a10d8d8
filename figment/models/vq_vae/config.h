#pragma once
#include "figment/contracts/optimizer.h"
#include "figment/models/cards.h"
#include "figment/nn/quantizer_options.h"

namespace figment::vq_vae {

inline constexpr Term kTerms[] = {
    {"commitment", "Commitment loss", "Mean squared distance of the encoder's vectors from their codes."},
    {"codebook", "Codebook",
     "Codebook loss: mean squared distance of the codes from the encoder's vectors that chose them."},
    {"code_maps", "Code maps", ""},
};

inline constexpr Card kCard{
    .title = "Vector-quantised variational autoencoder",
    .paper = "arXiv:1711.00937",
    .year = 2017,
    .summary = "Encodes each image as a small grid of codes from a learned codebook, and decodes it from them.",
    .terms = kTerms};

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
        field<&Config::stages>(
            "stride-2 convolutions: each halves the image's sides; the last feature map is the grid of codes", {1, 7}),
        field<&Config::stem>("channels of the feature maps larger than the grid", {1, 4096})
            .used_when<&Config::stages>(Above{1}),
        field<&Config::width>("channels of the feature maps of the grid's size", {1, 4096}),
        field<&Config::blocks>("residual blocks of the encoder, and as many of the decoder", {0, 64}),
        field<&Config::residual>("channels inside a residual block", {1, 4096}).used_when<&Config::blocks>(Above{0}),
        field<&Config::quantizer>("vector quantizer"),
        field<&Config::head>("what the decoder predicts. squared_error: an image; discretised_logistic, categorical: "
                             "a probability for each level of a pixel, so that bits per dimension exist"),
        field<&Config::warm_up_images>(
            "images on which encoder and decoder first train without the quantizer (a quarter of the training at "
            "most); the codebook is initialized afterwards",
            {0, 1e12}),
        field<&Config::optimizer>("optimizer"));
  }
};
static_assert(complete<Config>(), "schema() must list every member");

}  // namespace figment::vq_vae
