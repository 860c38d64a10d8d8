// The distribution of an image given the decoder's output, or the image itself.
// Legend: N batch, C channels, H W extents.
#pragma once
#include <memory>

#include "figment/contracts/model.h"
#include "figment/contracts/spec.h"
#include "figment/models/vq_vae/config.h"
#include "figment/tensor/tensors.h"

namespace figment::vq_vae {

class Head : public torch::nn::Module {
 public:
  /// Channels that the decoder predicts for each sub-pixel.
  virtual int64_t outputs() const = 0;
  /// The loss of output [N,outputs*C,H,W] for x [N,C,H,W] in [-1,1]. Its weight scales it to about 1 per sub-pixel, the
  /// scale of the quantizer's losses.
  virtual LossTerm loss(const Tensor& output, const Tensor& x) const = 0;
  /// The picture to show: [N,C,H,W] in [-1,1].
  virtual Tensor picture(const Tensor& output) const = 0;
  /// Called once on some of the data, before training.
  virtual void start_from(const Tensor& /*x*/) {}
};

/// A head that predicts a probability for each level of a sub-pixel.
class Density : public Head {
 public:
  explicit Density(int64_t levels) : levels_(levels) {}
  int64_t levels() const { return levels_; }
  /// -log p(x | codes): [N].
  virtual Tensor nats(const Tensor& output, const Tensor& x) const = 0;
  LossTerm loss(const Tensor& output, const Tensor& x) const override;

 private:
  int64_t levels_;
};

std::shared_ptr<Head> make_head(HeadKind, const PixelSpec&);

}  // namespace figment::vq_vae
