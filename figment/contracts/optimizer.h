// Settings of an optimizer; a model's config.h nests them. Free of the engine.
#pragma once
#include "figment/config/field.h"

namespace figment {

enum class OptimizerKind { kAdam, kAdamW };
constexpr auto words(OptimizerKind) { return std::to_array<std::string_view>({"adam", "adamw"}); }

struct Optimizer {
  OptimizerKind kind = OptimizerKind::kAdam;
  double learning_rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0, clip_norm = 0;
  static constexpr auto schema() {
    return fields(
        field<&Optimizer::kind>("adam: weight decay is added to the gradient; adamw: decoupled weight decay"),
        field<&Optimizer::learning_rate>("learning rate before warm-up and schedule", {0, 1}),
        field<&Optimizer::beta1>("decay of Adam's first moment", {0, 1}),
        field<&Optimizer::beta2>("decay of Adam's second moment", {0, 1}),
        field<&Optimizer::epsilon>("added to the square root of the second moment", {0, 1}),
        field<&Optimizer::weight_decay>("weight decay of matrices and kernels; vectors (biases, norms) have none",
                                        {0, 1}),
        field<&Optimizer::clip_norm>("gradients of the group are clipped to this norm; 0 for no clipping", {0, 1e6}));
  }
};
static_assert(complete<Optimizer>());

}  // namespace figment
