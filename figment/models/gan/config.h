#pragma once
#include <fmt/format.h>

#include "figment/base/error.h"
#include "figment/contracts/optimizer.h"
#include "figment/models/cards.h"
#include "figment/nn/augment_options.h"
#include "figment/objectives/adversarial_options.h"

namespace figment::gan {

inline constexpr Card kCard{.title = "Generative adversarial network",
                            .paper = "arXiv:1406.2661",
                            .year = 2014,
                            .summary = "Draws by a network that another one could not tell from the data."};

enum class NetworkKind { kDense, kConv, kResidual };
constexpr auto words(NetworkKind) { return std::to_array<std::string_view>({"dense", "conv", "residual"}); }

struct Config {
  NetworkKind network = NetworkKind::kConv;
  std::vector<int64_t> hidden = {128, 128};
  int64_t width = 32, stages = 3, latent = 64;
  bool spectral_norm = false;
  AdversarialLoss loss = AdversarialLoss::kNonSaturating;
  double r1 = 1, r2 = 0, gradient_penalty = 0;
  int64_t penalty_every = 1, discriminator_steps = 1;
  AugmentOptions augment;
  Optimizer generator = {.learning_rate = 1e-3, .beta1 = 0, .beta2 = 0.99}, discriminator = generator;
  void validate() const;
  static constexpr auto schema() {
    return fields(
        field<&Config::network>("of generator and discriminator; dense: for points too"),
        field<&Config::hidden>("dense: widths of the layers of either", {1, 65536}),
        field<&Config::width>("conv, residual: channels of the largest maps; doubled with each stage", {1, 1024}),
        field<&Config::stages>("conv, residual: halvings between image and smallest map", {1, 7}),
        field<&Config::latent>("numbers of the noise", {1, 4096}),
        field<&Config::spectral_norm>("each layer of the discriminator has largest singular value 1"),
        field<&Config::loss>("what the two minimise"),
        field<&Config::r1>("gamma of the penalty on the discriminator's slope at real images", {0, 1e6}),
        field<&Config::r2>("gamma of the same at generated ones", {0, 1e6}),
        field<&Config::gradient_penalty>("lambda of the penalty between the two, on slopes other than 1", {0, 1e6}),
        field<&Config::penalty_every>("steps of the discriminator between penalties, which then weigh as much more",
                                      {1, 1024}),
        field<&Config::discriminator_steps>("steps of the discriminator for each of the generator", {1, 1024}),
        field<&Config::augment>("of every image that the discriminator sees"),
        field<&Config::generator>("its optimizer"), field<&Config::discriminator>("its optimizer"));
  }
};
static_assert(complete<Config>(), "schema() must list every member");

/// What the chosen network does not read must stay at its default: silence would be a lie.
inline void Config::validate() const {
  const Config defaults;
  const auto unread = [](std::string_view setting, std::string_view readers) {
    throw ConfigError(
        fmt::format("model.{} is read by network = {} alone; leave it out, or choose another", setting, readers));
  };
  if (network != NetworkKind::kDense && hidden != defaults.hidden) unread("hidden", "dense");
  if (network == NetworkKind::kDense && width != defaults.width) unread("width", "conv and residual");
  if (network == NetworkKind::kDense && stages != defaults.stages) unread("stages", "conv and residual");
}

}  // namespace figment::gan
