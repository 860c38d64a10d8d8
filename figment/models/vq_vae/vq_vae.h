#pragma once
#include "figment/contracts/capabilities.h"
#include "figment/contracts/entry.h"
#include "figment/contracts/model.h"
#include "figment/models/vq_vae/head.h"
#include "figment/models/vq_vae/network.h"
#include "figment/nn/quantizer.h"

namespace figment::vq_vae {

/// Vector-quantised variational autoencoder: it encodes an image as a grid of codes, each one of K.
/// Source   van den Oord et al. 2017, arXiv:1711.00937v2, Eq. 1 to 3; moving averages: App. A.1
/// Legend   N batch, C channels, H W extents, h w extents of the grid; x [N,C,H,W] in [-1,1]
/// Throws   ConfigError when the image's sides cannot be halved often enough, ShapeError for other extents
/// Differs  see README.md: data-dependent start, revival of dead codes
class VqVae : public Model, public EncodesDiscrete, public Shows {
 public:
  using Config = vq_vae::Config;
  VqVae(const Config&, const DataSpec&);

  std::vector<ParameterGroup> groups() override;
  void initialize(const Batch&) override;
  void train_step(const Batch&, Step&) override;

  std::vector<CodeSpec> grids() const override;
  std::vector<Tensor> encode_codes(const Tensor& x) override;
  Tensor decode_codes(const std::vector<Tensor>& codes) override;
  /// Red, green and blue are a code's ranks along the three principal components of the codebook.
  Tensor paint_codes(const std::vector<Tensor>& codes) override;

  /// "codebook": each code decoded, in a grid filled with it. "code_maps": examples, and their codes painted over them.
  std::vector<Exhibit> show(const Batch& examples) override;

 protected:
  void start_codebook(const Batch&);
  const Tensor& expect_grid(const std::vector<Tensor>& codes, std::string_view where) const;

  Config config_;
  PixelSpec pixels_;
  std::shared_ptr<Head> head_;
  std::shared_ptr<Quantizer> quantizer_;
  Encoder encoder_;
  Decoder decoder_;
};

/// With a head that predicts a probability for each level.
class VqVaeWithLikelihood final : public VqVae, public ScoresLikelihood {
 public:
  using VqVae::VqVae;

  /// The posterior is a single grid of codes and the prior is uniform, so kl_nats is h w log K for every image. More
  /// importance samples would all be equal: the bound is the same for any number of them. A learned prior makes it
  /// tighter.
  /// Source  van den Oord et al. 2017, Sec. 3.1 and 3.3
  Nats nats(const Batch&, int64_t importance_samples) override;
};

Entry entry();

}  // namespace figment::vq_vae
