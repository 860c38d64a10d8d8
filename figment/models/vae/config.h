#pragma once
#include <fmt/format.h>

#include "figment/base/error.h"
#include "figment/contracts/optimizer.h"
#include "figment/models/cards.h"
#include "figment/nn/conv_options.h"

namespace figment::vae {

inline constexpr Card kCard{.title = "Variational autoencoder",
                            .paper = "arXiv:1312.6114",
                            .year = 2013,
                            .summary = "Learns a code for each image together with a distribution to draw codes from."};

enum class NetworkKind { kDense, kGatedDense, kConv };
constexpr auto words(NetworkKind) { return std::to_array<std::string_view>({"dense", "gated_dense", "conv"}); }

enum class LikelihoodKind { kBernoulli, kGaussian, kLearnedGaussian, kDiscretisedLogistic };
constexpr auto words(LikelihoodKind) {
  return std::to_array<std::string_view>({"bernoulli", "gaussian", "learned_gaussian", "discretised_logistic"});
}

struct Config {
  NetworkKind network = NetworkKind::kConv;
  std::vector<int64_t> hidden = {300, 300};
  ConvTrunk trunk;
  int64_t latent = 40;
  LikelihoodKind likelihood = LikelihoodKind::kBernoulli;
  double scale = 0.1, beta = 1;
  int64_t warm_up_images = 0;
  double free_bits = 0;
  Optimizer optimizer;
  /// What the chosen network or likelihood does not read must stay at its default: silence would be a lie.
  void validate() const;
  static constexpr auto schema() {
    return fields(field<&Config::network>("of encoder and decoder"),
                  field<&Config::hidden>(
                      "dense and gated_dense: widths of the encoder's layers; the decoder mirrors them", {1, 65536}),
                  field<&Config::trunk>("conv: encoder and decoder"),
                  field<&Config::latent>("numbers of the code", {1, 4096}),
                  field<&Config::likelihood>(
                      "bernoulli: images drawn from the grey values; gaussian, learned_gaussian: grey values as "
                      "real numbers in [0,1]; discretised_logistic: the levels themselves"),
                  field<&Config::scale>("gaussian: standard deviation; learned_gaussian: where it starts", {1e-4, 10}),
                  field<&Config::beta>("weight of the KL term in training", {0, 1000}),
                  field<&Config::warm_up_images>("images over which that weight rises from 0", {0, 1e12}),
                  field<&Config::free_bits>("nats of each latent dimension that cost nothing in training", {0, 10}),
                  field<&Config::optimizer>("optimizer"));
  }
};
static_assert(complete<Config>(), "schema() must list every member");

inline void Config::validate() const {
  const Config defaults;
  const auto unread = [](std::string_view setting, std::string_view readers) {
    throw ConfigError(fmt::format("model.{} is read by {} alone; leave it out, or choose another", setting, readers));
  };
  if (network == NetworkKind::kConv && hidden != defaults.hidden) unread("hidden", "network = dense and gated_dense");
  if (network != NetworkKind::kConv && trunk != defaults.trunk) unread("trunk", "network = conv");
  const bool scaled = likelihood == LikelihoodKind::kGaussian || likelihood == LikelihoodKind::kLearnedGaussian;
  if (!scaled && scale != defaults.scale) unread("scale", "likelihood = gaussian and learned_gaussian");
}

}  // namespace figment::vae
