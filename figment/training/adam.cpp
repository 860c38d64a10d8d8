#include "figment/training/adam.h"

#include <cmath>

namespace figment {

Adam::Adam(const ParameterGroup& group) : settings_(group.optimizer) {
  if (group.lazy_every > 1) {
    const double share = double(group.lazy_every) / double(group.lazy_every + 1);
    settings_.learning_rate *= share;
    settings_.beta1 = std::pow(settings_.beta1, share);
    settings_.beta2 = std::pow(settings_.beta2, share);
  }
  for (const Tensor& p : group.parameters)
    slots_.push_back({.parameter = p,
                      .first = torch::zeros_like(p, torch::MemoryFormat::Preserve).detach(),
                      .second = torch::zeros_like(p, torch::MemoryFormat::Preserve).detach(),
                      .steps = torch::zeros({}, p.options().dtype(torch::kFloat).requires_grad(false)),
                      .decays = settings_.weight_decay > 0 && p.dim() > 1});
}

void Adam::zero_gradients() {
  for (Slot& s : slots_) s.parameter.mutable_grad() = Tensor();
}

Tensor Adam::clip() {
  const torch::NoGradGuard no_grad;
  std::vector<Tensor> gradients;
  for (Slot& s : slots_)
    if (s.parameter.grad().defined()) gradients.push_back(s.parameter.grad());
  if (gradients.empty()) return torch::zeros({});
  const Tensor norm = torch::stack(at::_foreach_norm(gradients)).norm();
  if (settings_.clip_norm > 0) at::_foreach_mul_(gradients, (settings_.clip_norm / (norm + 1e-6)).clamp_max(1.0));
  return norm;
}

void Adam::step(double rate) {
  const torch::NoGradGuard no_grad;
  for (const bool decays : {false, true}) {
    std::vector<Tensor> parameters, gradients, first, second, steps;
    for (Slot& s : slots_) {
      if (s.decays != decays || !s.parameter.grad().defined()) continue;
      parameters.push_back(s.parameter);
      gradients.push_back(s.parameter.grad());
      first.push_back(s.first);
      second.push_back(s.second);
      steps.push_back(s.steps);
    }
    if (parameters.empty()) continue;
    at::_foreach_add_(steps, 1);
    const double decay = decays ? settings_.weight_decay : 0, lr = settings_.learning_rate * rate;
    if (settings_.kind == OptimizerKind::kAdamW)
      at::_fused_adamw_(parameters, gradients, first, second, {}, steps, lr, settings_.beta1, settings_.beta2, decay,
                        settings_.epsilon, /*amsgrad=*/false, /*maximize=*/false);
    else
      at::_fused_adam_(parameters, gradients, first, second, {}, steps, lr, settings_.beta1, settings_.beta2, decay,
                       settings_.epsilon, /*amsgrad=*/false, /*maximize=*/false);
  }
}

}  // namespace figment
