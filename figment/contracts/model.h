// The one conversation between a model and the trainer.
#pragma once
#include <algorithm>
#include <functional>
#include <optional>

#include "figment/contracts/batch.h"
#include "figment/contracts/optimizer.h"

namespace figment {

/// What is logged is `value`, as the paper reports it; what is minimised is the sum of value × weight.
struct LossTerm {
  std::string_view name;
  Tensor value;
  double weight = 1;
};
using LossTerms = std::vector<LossTerm>;  // equal names add up
using Objective = std::function<LossTerms(const Batch&)>;

struct ParameterGroup {
  std::string_view name;
  std::vector<Tensor> parameters;
  Optimizer optimizer = {};
  bool averaged = true;    ///< keep a moving average of these weights: evaluation and sampling use it
  int64_t lazy_every = 1;  ///< the group takes one extra step every so many (lazy R1): its rate and betas are corrected
};

/// The only group of most models; the others name theirs in an enum, in order of groups().
inline constexpr int kModel = 0;

/// What a model sees of the trainer. Tests fake it in ten lines.
class Step {
 public:
  virtual ~Step() = default;
  /// One optimizer step of `group` on `batch`. Calls `objective` on each micro-batch, adds up the gradients of this
  /// group's parameters alone, clips and steps. The group's average moves at the end of the train_step.
  virtual void minimize(int group, const Batch& batch, const Objective& objective) = 0;
  /// Averaged over the log interval and over processes, all of which observe the same names in a step; NaN: nothing to
  /// say this time.
  virtual void observe(std::string_view metric, const Tensor& value) = 0;
  virtual int64_t iteration() const = 0;  ///< train_steps done
  virtual double images() const = 0;      ///< images seen
  virtual double progress() const = 0;    ///< of the whole training, in [0,1]
  bool every(int64_t n) const { return (iteration() + 1) % n == 0; }
  double ramp(double over_images) const { return over_images > 0 ? std::min(1.0, images() / over_images) : 1; }
};

/// A model is a torch module with a training step. Whatever it remembers between steps is a parameter or a buffer, so
/// saving, moving and averaging need nothing from it.
class Model : public torch::nn::Module {
 public:
  virtual std::vector<ParameterGroup> groups() = 0;  ///< disjoint; a frozen weight is in none
  /// In eval mode it measures losses, of other batches in each process: then it makes no calls of the world.
  virtual void train_step(const Batch&, Step&) = 0;
  virtual void initialize(const Batch&) {
  }  ///< once, before the first step, on the first training images, at most 1,024
  /// Recomputes batch-norm statistics for the current weights. Called before weights are evaluated or saved. Draws
  /// nothing from the training's generator.
  virtual void refresh() {}
};

/// A forward pass that several objectives of one step look at (pix2pix: D and G see the same fake). Computed once; when
/// a step is split into micro-batches it is computed again for each, so memory stays that of one micro-batch.
template <class Forward>
auto shared(const Batch& whole, Forward forward) {
  using Result = std::invoke_result_t<Forward, const Batch&>;
  return [&whole, forward, kept = std::optional<Result>()](const Batch& part) mutable -> Result {
    if (&part != &whole) return forward(part);
    if (!kept) kept = forward(part);
    return *kept;
  };
}

}  // namespace figment
