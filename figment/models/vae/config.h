#pragma once
#include "figment/contracts/optimizer.h"
#include "figment/models/cards.h"

namespace figment::vae {

inline constexpr Card kCard{
    .title = "Variational autoencoder", .paper = "arXiv:1312.6114", .year = 2013,
    .summary = "Learns a code for each image together with a distribution to draw codes from."};

struct Config {
  int64_t latent = 40;
  Optimizer optimizer;
  static constexpr auto schema() {
    return fields(field<&Config::latent>("numbers of the code", {1, 4096}), field<&Config::optimizer>("optimizer"));
  }
};
static_assert(complete<Config>(), "schema() must list every member");

}  // namespace figment::vae
