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
    return fields(field<&Optimizer::kind>("adam: decay joins the gradient; adamw: decoupled decay"),
                  field<&Optimizer::learning_rate>("step size before the schedule", {0, 1}),
                  field<&Optimizer::beta1>("decay of the first moment", {0, 1}),
                  field<&Optimizer::beta2>("decay of the second moment", {0, 1}),
                  field<&Optimizer::epsilon>("added to the root of the second moment", {0, 1}),
                  field<&Optimizer::weight_decay>(
                      "decay of matrices and kernels; vectors (biases, norms) are left alone", {0, 1}),
                  field<&Optimizer::clip_norm>("largest gradient norm of the group, 0 for none", {0, 1e6}));
  }
};
static_assert(complete<Optimizer>());

}  // namespace figment
