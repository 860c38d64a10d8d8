#pragma once
#include "figment/contracts/optimizer.h"
#include "figment/models/cards.h"
#include "figment/nn/conv_options.h"

namespace figment::vae {

inline constexpr Term kTerms[] = {
    {"free_bits_nats", "KL divergence above the free bits",
     "The KL divergence where each latent dimension costs at least its free bits. This is what training minimises."},
    {"active_units_batch", "Active units by KL divergence",
     "Latent dimensions whose KL divergence is above 0.01 nats, in a batch of the training: another measure than the "
     "active units that are evaluated, which are counted by the variance of the code over all images. 0 is posterior "
     "collapse."},
    {"observations", "What the encoder sees", ""},
    {"posterior_draws", "Draws from the posterior", ""},
    {"kl_nats_per_dimension", "KL divergence of each latent dimension",
     "How much information about an image each latent dimension carries, the largest first. Those near zero carry "
     "none."},
};

inline constexpr Card kCard{
    .title = "Variational autoencoder",
    .paper = "arXiv:1312.6114",
    .year = 2013,
    .summary =
        "An autoencoder with a probability distribution over its latent vectors, from which new images are drawn.",
    .terms = kTerms};

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
  static constexpr auto schema() {
    return fields(
        field<&Config::network>("architecture of encoder and decoder"),
        field<&Config::hidden>("widths of the encoder's hidden layers; the decoder mirrors them", {1, 65536})
            .used_when<&Config::network>(NetworkKind::kDense, NetworkKind::kGatedDense),
        field<&Config::trunk>("convolutional encoder and decoder").used_when<&Config::network>(NetworkKind::kConv),
        field<&Config::latent>("latent dimensions", {1, 4096}),
        field<&Config::likelihood>(
            "bernoulli: each pixel is sampled as 0 or 1 with its grey value as probability; gaussian, "
            "learned_gaussian: grey values as real numbers in [0,1]; discretised_logistic: a probability for each grey "
            "level"),
        field<&Config::scale>("standard deviation; learned_gaussian: its value at the start", {1e-4, 10})
            .used_when<&Config::likelihood>(LikelihoodKind::kGaussian, LikelihoodKind::kLearnedGaussian),
        field<&Config::beta>("weight of the KL divergence in training", {0, 1000}),
        field<&Config::warm_up_images>("images over which beta rises from 0 to its value", {0, 1e12})
            .used_when<&Config::beta>(Above{0}),
        field<&Config::free_bits>("nats per latent dimension that are free of the KL penalty", {0, 10})
            .used_when<&Config::beta>(Above{0}),
        field<&Config::optimizer>("optimizer"));
  }
};
static_assert(complete<Config>(), "schema() must list every member");

}  // namespace figment::vae
