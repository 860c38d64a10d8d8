// p(x | z): what the decoder's output says of an image.
// Legend: N batch, C channels, H W extents.
#pragma once
#include <memory>

#include "figment/contracts/spec.h"
#include "figment/models/vae/config.h"
#include "figment/tensor/tensors.h"

namespace figment::vae {

/// Inside the VAE an observation has values in [0,1]; the way from and to [-1,1] leads through to_unit and to_signed.
class Likelihood : public torch::nn::Module {
 public:
  /// Numbers that the decoder gives for each sub-pixel.
  virtual int64_t outputs() const { return 1; }
  /// What the density is one of: [N,C,H,W] grey values in [0,1] to the observation. Bernoulli draws, anew at each call.
  virtual Tensor observed(const Tensor& grey) const { return grey; }
  /// -log p(observation | z) from the decoder's output [N,outputs*C,H,W]: [N].
  virtual Tensor nats(const Tensor& output, const Tensor& observation) const = 0;
  /// The picture to show: [N,C,H,W] in [0,1].
  virtual Tensor picture(const Tensor& output) const = 0;
  /// Of Nats: 0 where p is a density over real numbers, whose nats are no code length.
  virtual int64_t levels() const = 0;
};

std::shared_ptr<Likelihood> make_likelihood(const Config&, const PixelSpec&);

}  // namespace figment::vae
