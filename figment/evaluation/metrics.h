// The table of metrics. A metric asks for capabilities, never for a model; one that does not apply is left out with the
// reason.
#pragma once
#include <functional>
#include <span>
#include <string_view>

#include "figment/contracts/dataset.h"
#include "figment/contracts/model.h"
#include "figment/evaluation/evaluation.h"

namespace figment {

/// What is measured. The model is in eval mode; gradients are off; the default generator is seeded with `seed`.
struct Subject {
  Model& model;
  std::function<void(const std::function<void(const Batch&)>&)>
      each_batch;  ///< the examples, in order, on the model's device
  std::string split;
  int64_t n = 0, seed = 0, importance_samples = 0;
  std::function<void(double done)> progress;  ///< may throw to cancel
};

struct MetricRow {
  std::string_view name;   ///< of the row; it may add several figures that come out of one pass
  std::string_view needs;  ///< "a likelihood": said where the model lacks it
  bool (*applies)(const Model&);
  void (*measure)(const Subject&, Evaluation&);
};

std::span<const MetricRow> metric_rows();

/// Every row that applies.
Evaluation measure(const Subject&);

}  // namespace figment
