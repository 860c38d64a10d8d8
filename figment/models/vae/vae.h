// The variational autoencoder.
#pragma once
#include "figment/contracts/entry.h"
#include "figment/models/vae/config.h"
#include "figment/models/vae/likelihood.h"
#include "figment/models/vae/network.h"

namespace figment::vae {

/// Source   Kingma and Welling 2014, arXiv:1312.6114, Algorithm 1 with L = 1 sample. Importance-weighted bound: Burda
///          et al. 2016, arXiv:1509.00519, Eq. 8. Weight of the KL term: Higgins et al. 2017; its warm-up: Bowman et
///          al. 2016, arXiv:1511.06349; free bits: Kingma et al. 2016, arXiv:1606.04934.
/// Legend   N batch, C channels, H W extents, Z latent size; x [N,C,H,W] in [-1,1]
/// Throws   ConfigError when the images are too small for the trunk, ShapeError for x or z of other extents
class Vae final : public Model,
                  public Samples,
                  public EncodesLatent,
                  public ScoresLikelihood,
                  public Shows,
                  public Gauges {
 public:
  using Config = vae::Config;
  Vae(const Config&, const DataSpec&);

  std::vector<ParameterGroup> groups() override;
  void train_step(const Batch&, Step&) override;

  /// Latent vectors are standard normal, times the temperature, truncated to |z| <= truncation. Returns the mean of
  /// p(x|z).
  Tensor sample(const SampleRequest&) override;
  std::vector<std::string_view> options_used() const override { return {"temperature", "truncation"}; }

  /// The posterior mean. Its input are the grey values themselves, not draws from them: equal images have equal codes.
  Tensor encode(const Tensor& x) override;
  Tensor decode(const Tensor& z, const Condition&) override;
  int64_t latent_size() const override { return config_.latent; }

  /// The encoder runs once. Bernoulli: the bound of one binarisation, drawn from the generator that the caller has
  /// seeded. Gaussian: the bound of a density over grey values in [0,1], comparable only with another such density;
  /// then `levels` is 0.
  Nats nats(const Batch&, int64_t importance_samples) override;

  std::vector<Exhibit> show(const Batch& examples) override;
  std::vector<Gauge> gauge(const Batch&) override;

 private:
  Tensor importance_weighted_nats(const Tensor& observation, const Posterior&, int64_t samples);

  Config config_;
  std::shared_ptr<Likelihood> likelihood_;
  Encoder encoder_;
  Decoder decoder_;
};

Entry entry();

}  // namespace figment::vae
