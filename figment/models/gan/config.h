#pragma once
#include "figment/contracts/optimizer.h"
#include "figment/models/cards.h"
#include "figment/nn/augment_options.h"
#include "figment/objectives/adversarial_options.h"

namespace figment::gan {

inline constexpr Term kTerms[] = {
    {"adversarial", "Adversarial losses",
     "What generator and discriminator minimise, each against the other. These losses say nothing about the quality of "
     "the samples."},
    {"discriminator_auc", "Discriminator AUC",
     "The share of pairs of a real and a generated image in which the discriminator gives the real one the higher "
     "logit: 0.5 where it cannot tell them apart, 1 where it always can."},
    {"variety", "Variety",
     "Spread of the generated images as a share of the spread of the real ones. Near zero is mode collapse."},
    {"slope", "Slope of the generator's loss",
     "Mean absolute derivative of the generator's loss by the discriminator's logit. Near zero the gradient vanishes."},
    {"generator_gradient", "Gradient of the generator",
     "Norm of the generator's gradient under the minimax and the non-saturating loss, of the same networks and noise."},
    {"r1", "R1 penalty", "Mean squared gradient of the discriminator at real images."},
    {"r2", "R2 penalty", "Mean squared gradient of the discriminator at generated images."},
    {"gradient_penalty", "WGAN-GP penalty",
     "Mean squared difference from 1 of the norm of the discriminator's gradient between real and generated images."},
};

inline constexpr Card kCard{
    .title = "Generative adversarial network",
    .paper = "arXiv:1406.2661",
    .year = 2014,
    .summary = "A generator of images, trained against a discriminator that learns to recognise them.",
    .terms = kTerms};

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
  static constexpr auto schema() {
    return fields(
        field<&Config::network>("architecture of generator and discriminator; dense can make points too"),
        field<&Config::hidden>("widths of the hidden layers of generator and discriminator", {1, 65536})
            .used_when<&Config::network>(NetworkKind::kDense),
        field<&Config::width>("channels of the largest feature maps; each stage doubles them", {1, 1024})
            .used_when<&Config::network>(NetworkKind::kConv, NetworkKind::kResidual),
        field<&Config::stages>("how often the image's sides are halved on the way to the smallest feature map", {1, 7})
            .used_when<&Config::network>(NetworkKind::kConv, NetworkKind::kResidual),
        field<&Config::latent>("latent dimensions: size of the noise vector", {1, 4096}),
        field<&Config::spectral_norm>("spectral normalization: each layer of the discriminator has spectral norm 1"),
        field<&Config::loss>("adversarial loss of generator and discriminator"),
        field<&Config::r1>("gamma of the R1 penalty: the discriminator's squared gradient at real images", {0, 1e6}),
        field<&Config::r2>("gamma of the R2 penalty: the discriminator's squared gradient at generated images",
                           {0, 1e6}),
        field<&Config::gradient_penalty>(
            "lambda of the WGAN-GP penalty: the discriminator's gradient norm between real and generated images is to "
            "be 1",
            {0, 1e6}),
        field<&Config::penalty_every>(
            "the penalties are computed every so many steps and multiplied by that number (lazy regularization)",
            {1, 1024})
            .used_when<&Config::r1>(Above{0})
            .used_when<&Config::r2>(Above{0})
            .used_when<&Config::gradient_penalty>(Above{0}),
        field<&Config::discriminator_steps>("steps of the discriminator for each step of the generator", {1, 1024}),
        field<&Config::augment>("augmentation of every image that the discriminator sees, real or generated"),
        field<&Config::generator>("optimizer of the generator"),
        field<&Config::discriminator>("optimizer of the discriminator"));
  }
};
static_assert(complete<Config>(), "schema() must list every member");

}  // namespace figment::gan
