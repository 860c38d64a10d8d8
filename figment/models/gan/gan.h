// Generative adversarial network: a generator against a discriminator.
#pragma once
#include "figment/contracts/capabilities.h"
#include "figment/contracts/entry.h"
#include "figment/models/gan/network.h"

namespace figment::gan {

enum Group { kDiscriminator, kGenerator };

/// Source   Goodfellow et al. 2014, arXiv:1406.2661, Algorithm 1; penalties: Mescheder et al. 2018, arXiv:1801.04406
/// Legend   N batch, Z latent size; x images [N,C,H,W] in [-1,1], or points [N,2]
/// Throws   ConfigError and DataError where network and data do not fit
class Gan final : public Model, public Samples, public DecodesLatent {
 public:
  using Config = gan::Config;
  Gan(const Config&, const DataSpec&);

  std::vector<ParameterGroup> groups() override;
  void train_step(const Batch&, Step&) override;
  void refresh() override;

  Tensor sample(const SampleRequest&) override;
  std::vector<std::string_view> options_used() const override { return {"temperature"}; }
  Tensor decode(const Tensor& z, const Condition&) override { return generator_->forward(z); }
  int64_t latent_size() const override { return config_.latent; }

  Generator& generator() { return *generator_; }
  Discriminator& discriminator() { return *discriminator_; }

 private:
  Tensor generated(int64_t count, const Tensor& like);
  Tensor logits(const Tensor& x);
  void observe_gradients(const Batch&, Step&);

  Config config_;
  std::shared_ptr<Generator> generator_;
  std::shared_ptr<Discriminator> discriminator_;
};

Entry entry();

}  // namespace figment::gan
