#include "figment/models/vae/vae.h"

#include <cmath>

#include "figment/objectives/gaussians.h"

namespace figment::vae {
namespace {

/// Maps standard normal numbers to the normal distribution truncated to |z| <= limit, by its quantiles. Nothing is
/// drawn again, so an image keeps its seed. sqrt(2) erfinv(erf(z / sqrt(2)) erf(limit / sqrt(2))).
Tensor truncated(const Tensor& z, double limit) {
  const double root = std::sqrt(2.0);
  return (torch::erfinv(torch::erf(z.to(torch::kDouble) / root) * std::erf(limit / root)) * root).to(z.scalar_type());
}

}  // namespace

Vae::Vae(const Config& config, const DataSpec& data)
    : config_(config),
      likelihood_(register_module("likelihood", make_likelihood(config, pixels(data)))),
      encoder_(register_module("encoder", Encoder(config, pixels(data)))),
      decoder_(register_module("decoder", Decoder(config, pixels(data), likelihood_->outputs()))) {}

std::vector<ParameterGroup> Vae::groups() { return {{"model", parameters(), config_.optimizer}}; }

void Vae::train_step(const Batch& batch, Step& step) {
  const double beta = config_.beta * step.ramp(double(config_.warm_up_images));
  step.minimize(kModel, batch, [&](const Batch& b) -> LossTerms {
    const Tensor x = likelihood_->observed(to_unit(b.x));
    const Posterior q = encoder_(x);
    const Tensor reconstruction = likelihood_->nats(decoder_(q.draw()), x).mean();
    const Tensor kl = gaussian_kl_per_dimension(q.mean, q.log_var);  // [N,Z]
    step.observe("active_units_batch", (kl.detach().mean(0) > 0.01).sum());
    if (config_.free_bits == 0) return {{"reconstruction_nats", reconstruction}, {"kl_nats", kl.sum(1).mean(), beta}};
    return {{"reconstruction_nats", reconstruction},
            {"kl_nats", kl.detach().sum(1).mean(), 0},  // reported, not minimised
            {"free_bits_nats", free_bits(kl, config_.free_bits), beta}};
  });
}

Nats Vae::nats(const Batch& batch, int64_t importance_samples) {
  const Tensor x = likelihood_->observed(to_unit(batch.x));
  const Posterior q = encoder_(x);
  if (importance_samples > 1)
    return {.total = importance_weighted_nats(x, q, importance_samples), .levels = likelihood_->levels()};
  const Tensor reconstruction = likelihood_->nats(decoder_(q.draw()), x), kl = gaussian_kl(q.mean, q.log_var);
  return {.total = reconstruction + kl,
          .terms = {{"reconstruction_nats", reconstruction}, {"kl_nats", kl}},
          .levels = likelihood_->levels()};
}

/// -log of the mean over z_i ~ q of p(x|z_i) p(z_i) / q(z_i|x): [N].
Tensor Vae::importance_weighted_nats(const Tensor& x, const Posterior& q, int64_t samples) {
  // At most a million sub-pixels are decoded at once, to bound the memory.
  const int64_t n = x.size(0), at_once = std::clamp<int64_t>((1 << 20) / x.numel(), 1, samples);
  std::vector<Tensor> log_weights;  // each [s,N]
  for (int64_t done = 0; done < samples; done += at_once) {
    const int64_t s = std::min(at_once, samples - done);
    const Posterior many{q.mean.repeat({s, 1}), q.log_var.repeat({s, 1})};  // [s*N,Z]
    const Tensor z = many.draw();
    const Tensor log_weight = standard_normal_log_density(z) - gaussian_log_density(z, many.mean, many.log_var) -
                              likelihood_->nats(decoder_(z), x.repeat({s, 1, 1, 1}));
    log_weights.push_back(log_weight.view({s, n}));
  }
  return std::log(double(samples)) - torch::logsumexp(torch::cat(log_weights), 0);
}

Tensor Vae::sample(const SampleRequest& request) {
  const auto& [temperature, top_p, truncation, top_k] = request.options;
  Tensor z = seeded_normal(request.seeds, config_.latent, "z");
  if (truncation > 0 && temperature > 0) z = truncated(z, truncation / temperature);
  return decode(z * temperature, {});
}

Tensor Vae::encode(const Tensor& x) { return encoder_(to_unit(x)).mean; }

Tensor Vae::decode(const Tensor& z, const Condition&) {
  return to_signed(likelihood_->picture(decoder_(z.to(parameters().front().device()))));
}

std::vector<Exhibit> Vae::show(const Batch& examples) {
  constexpr int64_t kRows = 8, kDraws = 7;
  const Tensor x = likelihood_->observed(to_unit(examples.x));
  const Posterior q = encoder_(x);
  const int64_t rows = std::min(kRows, x.size(0));
  const Posterior few{q.mean.narrow(0, 0, rows), q.log_var.narrow(0, 0, rows)};
  std::vector<Tensor> columns{to_signed(x.narrow(0, 0, rows))};
  for (int64_t i = 0; i < kDraws; ++i) columns.push_back(decode(few.draw(), {}));
  return {{.name = "observations",
           .caption = "the input of the encoder; with a Bernoulli likelihood, pixels drawn from the grey values",
           .images = to_signed(x)},
          {.name = "posterior_draws",
           .caption = "in each row an observation and seven decoded draws from its posterior: where the draws differ, "
                      "the posterior "
                      "is uncertain",
           .images = torch::stack(columns, 1).flatten(0, 1)}};
}

std::vector<Gauge> Vae::gauge(const Batch& batch) {
  const Posterior q = encoder_(likelihood_->observed(to_unit(batch.x)));
  return {{.name = "kl_nats_per_dimension",
           .caption = "mean KL divergence of each latent dimension: how much information about an image it carries",
           .values = gaussian_kl_per_dimension(q.mean, q.log_var).mean(0)}};
}

Entry entry() {
  return entry_of<Vae>(
      {.alarms = {{.metric = "active_units_batch",
                   .healthy = {.least = 1},
                   .patience_images = 60000,
                   .sentence =
                       "posterior collapse: no latent dimension carries information about the image, so the decoder "
                       "ignores the latent vector; raise model.warm_up_images or model.free_bits, or lower "
                       "model.optimizer.learning_rate or model.beta"}}});
}

}  // namespace figment::vae
