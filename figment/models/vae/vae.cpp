#include "figment/contracts/entry.h"
#include "figment/models/vae/config.h"
#include "figment/tensor/tensors.h"

namespace figment::vae {

class Vae final : public Model, public Samples, public EncodesLatent {
 public:
  using Config = vae::Config;
  Vae(const Config& config, const DataSpec& data) : config_(config), pixels_(pixels(data)) {
    encoder_ = register_module("encoder", torch::nn::Linear(pixels_.dimensions(), 2 * config.latent));
    decoder_ = register_module("decoder", torch::nn::Linear(config.latent, pixels_.dimensions()));
  }
  std::vector<ParameterGroup> groups() override { return {{"model", parameters(), config_.optimizer}}; }
  void train_step(const Batch& batch, Step& step) override {
    step.minimize(kModel, batch, [&](const Batch& b) -> LossTerms {
      const auto h = encoder_(b.x.flatten(1)).chunk(2, 1);
      const Tensor x = torch::bernoulli(to_unit(b.x)), z = h[0] + (h[1] / 2).exp() * torch::randn_like(h[0]);
      const Tensor logit = decoder_(z).view_as(x);
      return {{"reconstruction_nats", (torch::softplus(logit) - x * logit).sum({1, 2, 3}).mean()},
              {"kl_nats", (0.5 * (h[0].square() + h[1].exp() - 1 - h[1])).sum(1).mean()}};
    });
  }
  Tensor sample(const SampleRequest& r) override { return decode(seeded_normal(r.seeds, config_.latent, "z"), {}); }
  Tensor encode(const Tensor& x) override { return encoder_(x.flatten(1)).chunk(2, 1)[0]; }
  Tensor decode(const Tensor& z, const Condition&) override {
    return to_signed(decoder_(z).sigmoid()).view({z.size(0), pixels_.channels, pixels_.height, pixels_.width});
  }
  int64_t latent_size() const override { return config_.latent; }

 private:
  Config config_;
  PixelSpec pixels_;
  torch::nn::Linear encoder_{nullptr}, decoder_{nullptr};
};

Entry entry() { return entry_of<Vae>({}); }

}  // namespace figment::vae
