// Subjects for tests of metrics.
#pragma once
#include <limits>
#include <vector>

#include "figment/evaluation/subject.h"

namespace figment::testing {

inline Part part_of(std::vector<Batch> batches) {
  int64_t count = 0;
  for (const Batch& batch : batches) count += batch.size();
  return [=]() -> Examples {
    return {.count = count, .each_batch = [=](const auto& f) {
              for (const Batch& batch : batches) f(batch);
            }};
  };
}

inline Subject subject_of(Model& model, const std::vector<Batch>& batches) {
  const Part measured = part_of(batches);
  return {.model = model,
          .data = {.measured = measured},
          .images = {.measured = measured},
          .split = "test",
          .n = measured().count};
}

/// A model that is never trained.
struct Untrained : Model {
  std::vector<ParameterGroup> groups() override { return {}; }
  void train_step(const Batch&, Step&) override {}
};

/// The figure of this name; NaN where there is none.
inline double value_of(const Evaluation& evaluation, std::string_view name) {
  for (const Metric& metric : evaluation.metrics)
    if (metric.name == name) return metric.value;
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace figment::testing
