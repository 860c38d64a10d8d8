#include "figment/models/gan/gan.h"

#include <fmt/format.h>

#include "figment/base/error.h"
#include "figment/nn/augment.h"
#include "figment/objectives/adversarial.h"
#include "figment/tensor/tensors.h"

namespace figment::gan {
namespace {

constexpr int64_t kStatisticsBatches = 16, kStatisticsBatch = 256, kStatisticsSeed = 0;
constexpr int64_t kGradientsEvery = 100;  // steps: two more gradients of both networks then cost about 1 % of the work

/// Root mean squared distance of a batch's examples from their mean.
Tensor spread(const Tensor& x) { return x.detach().to(torch::kFloat).var(0).sum().sqrt(); }

/// AUC of the discriminator: the share of pairs of a real and a generated example in which the real one has the higher
/// logit (ties count half). 1/2 is chance; it does not depend on how the loss scales the logits.
Tensor discriminator_auc(const Tensor& real, const Tensor& generated) {
  return ((real.detach().unsqueeze(1) - generated.detach().unsqueeze(0)).sign().to(torch::kFloat).mean() + 1) / 2;
}

/// Mean |d loss / d logit| over generated examples: 0 where the loss is flat, so that the gradient vanishes.
Tensor mean_slope(AdversarialLoss loss, const Tensor& generated, const Tensor& real) {
  const torch::AutoGradMode enabled(true);  // held-out losses are computed without gradients, this one needs them
  const Tensor logits = generated.detach().to(torch::kFloat).requires_grad_();
  return torch::autograd::grad({generator_loss(loss, logits, real)}, {logits})[0].abs().sum();
}

}  // namespace

Gan::Gan(const Config& config, const DataSpec& data)
    : config_(config),
      generator_(register_module("generator", make_generator(config, data))),
      discriminator_(register_module("discriminator", make_discriminator(config, data))) {
  const AugmentOptions& augment = config.augment;
  if (std::holds_alternative<PointSpec>(data.x) && (augment.colour || augment.translation || augment.cutout))
    throw ConfigError("model.augment applies to images, and the data holds points; leave its settings false");
}

std::vector<ParameterGroup> Gan::groups() {
  return {{.name = "discriminator",
           .parameters = discriminator_->parameters(),
           .optimizer = config_.discriminator,
           .averaged = false},
          {.name = "generator", .parameters = generator_->parameters(), .optimizer = config_.generator}};
}

Tensor Gan::generated(int64_t count, const Tensor& like) {
  return generator_->forward(torch::randn({count, config_.latent}, like.options()));
}

Tensor Gan::logits(const Tensor& x) { return discriminator_->forward(augmented(x, config_.augment)); }

void Gan::train_step(const Batch& batch, Step& step) {                        // Algorithm 1
  const bool penalised = is_training() && step.every(config_.penalty_every);  // in eval mode without penalties
  const double weight = double(config_.penalty_every);
  step.minimize(kDiscriminator, batch, [&](const Batch& b) -> LossTerms {
    const Tensor x = b.x.detach().requires_grad_(penalised && config_.r1 > 0);
    Tensor y;
    {
      const torch::NoGradGuard no_grad;  // the discriminator's step needs no graph of the generator
      y = generated(b.size(), b.x);
    }
    y.requires_grad_(penalised && config_.r2 > 0);
    const Tensor real = logits(x), fake = logits(y);
    step.observe("discriminator_auc", discriminator_auc(real, fake));
    const Tensor of_real = spread(x);  // 0 where all are the same picture
    step.observe("variety", b.size() > 1 && of_real.item<float>() > 0 ? spread(y) / of_real : torch::full({}, NAN));
    LossTerms terms{{"adversarial", discriminator_loss(config_.loss, real, fake)}};
    if (x.requires_grad()) terms.push_back({"r1", squared_gradient(real, x), config_.r1 / 2 * weight});
    if (y.requires_grad()) terms.push_back({"r2", squared_gradient(fake, y), config_.r2 / 2 * weight});
    if (penalised && config_.gradient_penalty > 0)
      terms.push_back({"gradient_penalty",
                       interpolation_penalty([&](const Tensor& between) { return logits(between); }, b.x, y),
                       config_.gradient_penalty * weight});
    return terms;
  });
  if (is_training() && !step.every(config_.discriminator_steps))
    return;  // every step of the discriminator has a batch of its own
  step.minimize(kGenerator, batch, [&](const Batch& b) -> LossTerms {
    const Tensor real = is_paired(config_.loss) ? logits(b.x).detach() : Tensor();
    const Tensor fake = logits(generated(b.size(), b.x));
    step.observe("slope", mean_slope(config_.loss, fake, real));
    return {{"adversarial", generator_loss(config_.loss, fake, real)}};
  });
  if (is_training() && step.every(kGradientsEvery)) observe_gradients(batch, step);
}

/// Norms of the generator's gradient under the minimax and the non-saturating loss, of the same networks and noise
/// (Goodfellow et al. 2014, Sec. 3), whichever of the two is minimised.
void Gan::observe_gradients(const Batch& batch, Step& step) {
  const Tensor fake = logits(generated(batch.size(), batch.x));
  for (const auto loss : {AdversarialLoss::kMinimax, AdversarialLoss::kNonSaturating}) {
    const auto gradients = torch::autograd::grad({generator_loss(loss, fake, {})}, generator_->parameters(), {},
                                                 /*retain_graph=*/true);
    step.observe(fmt::format("{}/generator_gradient", words(loss)[size_t(loss)]),
                 torch::stack(at::_foreach_norm(gradients)).norm());
  }
}

/// Running averages of batch norm lag behind the weights, and an average of weights has no such statistics at all. So
/// they are measured anew: standing statistics (Brock et al. 2019, arXiv:1809.11096, Sec. 3.1), of the same noise each
/// time.
void Gan::refresh() {
  bool any = false;
  for (const auto& module : generator_->modules())
    if (auto* norm = module->as<torch::nn::BatchNorm2dImpl>()) {
      norm->reset_running_stats();
      any = true;
    }
  if (!any) return;
  const torch::NoGradGuard no_grad;
  const SeededScope seeded(kStatisticsSeed);
  const bool training = generator_->is_training();
  generator_->train();
  for (int64_t i = 0; i < kStatisticsBatches; ++i) generated(kStatisticsBatch, generator_->parameters().front());
  generator_->train(training);
}

Tensor Gan::sample(const SampleRequest& request) {
  const Tensor z = seeded_normal(request.seeds, config_.latent, "z") * request.options.temperature;
  return decode(z.to(generator_->parameters().front().device()), {});
}

Entry entry() {
  return entry_of<Gan>(
      {.models = {"pixels", "points"},
       .alarms = {
           {.metric = "discriminator_auc",
            .healthy = {.most = 0.99},
            .patience_images = 60000,
            .sentence =
                "the discriminator has won: nearly every real image has a higher logit than a generated one, so the "
                "generator gets little direction; raise model.r1, or lower model.discriminator.learning_rate "
                "or model.discriminator_steps"},
           {.metric = "variety",
            .healthy = {.least = 0.5},
            .patience_images = 60000,
            .sentence = "mode collapse: generated images differ from each other less than half as much as real ones "
                        "do; raise model.r1, or set model.loss=relativistic with model.r1 and model.r2"},
           {.metric = "slope",
            .healthy = {.least = 0.02},
            .patience_images = 60000,
            .sentence = "vanishing gradients: the generator's loss is flat where the discriminator is confident; set "
                        "model.loss=non_saturating, or raise model.r1"}}});
}

}  // namespace figment::gan
