// p(x | z): the distribution of an image given the decoder's output.
// Legend: N batch, C channels, H W extents.
#pragma once
#include <memory>

#include "figment/contracts/spec.h"
#include "figment/models/vae/config.h"
#include "figment/tensor/tensors.h"

namespace figment::vae {

/// Inside the VAE an observation has values in [0,1]; to_unit and to_signed convert from and to [-1,1].
class Likelihood : public torch::nn::Module {
 public:
  /// Parameters of the distribution of a sub-pixel, which the decoder predicts.
  virtual int64_t outputs() const { return 1; }
  /// The observation x of which p(x | z) is the density, from grey values [N,C,H,W] in [0,1]. Bernoulli draws it, anew
  /// at each call.
  virtual Tensor observed(const Tensor& grey) const { return grey; }
  /// -log p(observation | z) from the decoder's output [N,outputs*C,H,W]: [N].
  virtual Tensor nats(const Tensor& output, const Tensor& observation) const = 0;
  /// The picture to show: [N,C,H,W] in [0,1].
  virtual Tensor picture(const Tensor& output) const = 0;
  /// `Nats::levels`: 0 where p is a density over real numbers, whose nats are no code length.
  virtual int64_t levels() const = 0;
};

std::shared_ptr<Likelihood> make_likelihood(const Config&, const PixelSpec&);

}  // namespace figment::vae
