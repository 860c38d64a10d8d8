#include "figment/evaluation/metrics.h"

#include <fmt/format.h>

#include "figment/contracts/capabilities.h"
#include "figment/evaluation/accuracy.h"
#include "figment/evaluation/codebook.h"
#include "figment/evaluation/latent.h"
#include "figment/evaluation/likelihood.h"
#include "figment/evaluation/reconstruction.h"
#include "figment/tensor/tensors.h"

namespace figment {
namespace {

template <class Capability>
bool can(const Model& model) {
  return dynamic_cast<const Capability*>(&model) != nullptr;
}

bool has_bound(const Model& model) {
  const auto* scores = dynamic_cast<const ScoresLikelihood*>(&model);
  return scores && !scores->exact();
}

const MetricRow kRows[] = {
    {"bound", "a likelihood", can<ScoresLikelihood>, measure_bound},
    {"importance_bound", "a bound of the likelihood to tighten", has_bound, measure_importance_bound},
    {"active_units", "an encoder to a vector", can<EncodesLatent>, measure_active_units},
    {"inner_life", "gauges of its inner life", can<Gauges>, measure_inner_life},
    {"codebook", "an encoder to codes", can<EncodesDiscrete>, measure_codebook},
    {"reconstruction", "reconstructions", can<Reconstructs>, measure_reconstruction},
    {"accuracy", "classes to name", can<Classifies>, measure_accuracy},
};

}  // namespace

std::span<const MetricRow> metric_rows() { return kRows; }

Evaluation measure(const Subject& subject) {
  Evaluation evaluation;
  for (const MetricRow& row : metric_rows()) {
    const SeededScope seeded{uint64_t(subject.seed)};  // a figure does not depend on which others are measured
    if (row.applies(subject.model))
      row.measure(subject, evaluation);
    else
      evaluation.left_out.push_back(fmt::format("{}: needs {}, which this model has not", row.name, row.needs));
  }
  return evaluation;
}

}  // namespace figment
