// Adam and AdamW of one parameter group through the engine's fused kernels.
#pragma once
#include <string>

#include "figment/contracts/model.h"

namespace figment {

/// Source  Kingma and Ba 2015, Alg. 1; decoupled decay: Loshchilov and Hutter 2019, Alg. 2.
/// Decay falls on matrices and kernels alone; vectors (biases, norms) are left out of it.
/// A group with `lazy_every` = k takes k+1 steps where another takes k: rate and betas are corrected (Karras et al.
/// 2020, App. B).
class Adam {
 public:
  explicit Adam(const ParameterGroup&);

  void zero_gradients();
  /// Norm of the group's gradients before clipping; clips where the settings ask for it.
  Tensor clip();
  /// One step at `rate` × the group's learning rate.
  void step(double rate);

  struct Slot {
    Tensor parameter, first, second, steps;
    bool decays;
  };
  /// First and second moments and step counts, in the group's order: everything it remembers.
  const std::vector<Slot>& slots() const { return slots_; }

 private:
  Optimizer settings_;
  std::vector<Slot> slots_;
};

}  // namespace figment
