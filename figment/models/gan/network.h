// Generator (noise to image) and discriminator (image to logit). No loss.
// Legend: N batch, Z latent size, D dimensions of an example, C channels, H W extents, F channels of the largest
// feature maps.
#pragma once
#include <memory>

#include "figment/contracts/spec.h"
#include "figment/models/gan/config.h"
#include "figment/tensor/tensors.h"

namespace figment::gan {

/// [N,Z] standard normal -> like Batch::x: images in [-1,1] by tanh, points without bounds.
class Generator : public torch::nn::Module {
 public:
  virtual Tensor forward(const Tensor& z) = 0;
};

/// Like Batch::x -> [N] logits, large for x that look real.
class Discriminator : public torch::nn::Module {
 public:
  virtual Tensor forward(const Tensor& x) = 0;
};

/// dense: layers of `hidden` widths with relu (generator) and leaky relu (discriminator).
///
/// conv: the generator is a dense layer to maps of 2^(stages-1) F channels, then transposed 4x4 convolutions of stride
/// 2 that halve the channels, batch norm and relu between them; the discriminator is its mirror image with leaky relu
/// and without batch norm, which would make a logit depend on the rest of the batch.
/// Source   Radford et al. 2016, arXiv:1511.06434; without norms in the discriminator: Mescheder et al. 2018
/// Differs  a side that cannot be halved so often is padded with black for the discriminator, and the generator's image
///          is cropped, so that images of 28 x 28 work in networks of 32 x 32
///
/// residual: blocks of two 3x3 convolutions beside a 1x1, upsampled by repetition (nearest) and downsampled by average
/// pooling.
/// Source   Miyato et al. 2018, arXiv:1802.05957, App. B
///
/// Throws   ConfigError where an image is too small for so many stages, DataError where points meet a network of images
std::shared_ptr<Generator> make_generator(const Config&, const DataSpec&);
std::shared_ptr<Discriminator> make_discriminator(const Config&, const DataSpec&);

}  // namespace figment::gan
