#include "figment/evaluation/metrics.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "figment/base/error.h"
#include "figment/evaluation/accuracy.h"
#include "figment/evaluation/codebook.h"
#include "figment/evaluation/latent.h"
#include "figment/evaluation/likelihood.h"
#include "figment/evaluation/reconstruction.h"
#include "figment/evaluation/samples.h"
#include "figment/tensor/tensors.h"

namespace figment {
namespace {

template <class Capability>
bool can(const Subject& subject) {
  return dynamic_cast<const Capability*>(&subject.model) != nullptr;
}

bool has_bound(const Subject& subject) {
  const auto* scores = dynamic_cast<const ScoresLikelihood*>(&subject.model);
  return scores && !scores->exact();
}

bool scores_codes(const Subject& subject) { return subject.coder && can<ScoresLikelihood>(subject); }
bool draws_images(const Subject& subject) { return subject.draws && subject.images.measured; }

double one_each(const Subject& subject) { return double(subject.n); }
double two_each(const Subject& subject) { return 2 * double(subject.n); }
double samples_each(const Subject& subject) { return double(subject.n * subject.importance_samples); }

const MetricRow kRows[] = {
    {"bound", "elbo_nats or nll_nats, terms, bits_per_dim or bits_per_image", "a likelihood", can<ScoresLikelihood>,
     one_each, measure_bound},
    {"importance_bound", "iwae_<k>_nats", "a bound of the likelihood to tighten", has_bound, samples_each,
     measure_importance_bound},
    {"active_units", "active_units", "an encoder to a vector", can<EncodesLatent>, one_each, measure_active_units},
    {"gauges", "the model's own", "diagnostics of its own", can<Gauges>, one_each, measure_gauges},
    {"codebook", "codebook_usage, codebook_perplexity", "an encoder to codes", can<EncodesDiscrete>, one_each,
     measure_codebook},
    {"reconstruction", "reconstruction_mse", "reconstructions", can<Reconstructs>, one_each, measure_reconstruction},
    {"accuracy", "accuracy", "classes to name", can<Classifies>, one_each, measure_accuracy},
    {"bits_of_two_stages", "bits_per_dim", "a prior with a likelihood over another model's codes", scores_codes,
     two_each, measure_bits_of_two_stages},
    {"samples",
     "frechet_distance, frechet_distance_floor, frechet_distance_times_floor, frechet_distance_second, "
     "frechet_distance_floor_second, frechet_distance_times_floor_second, frechet_distance_pixels, "
     "frechet_distance_floor_pixels, frechet_distance_times_floor_pixels, frechet_distance_blurred, kernel_distance, "
     "precision, recall, density, "
     "coverage, sharpness, sharpness_real, nearest_training_distance, nearest_training_distance_real, inception_score, "
     "inception_score_real, class_share_min, class_accuracy",
     "the ability to generate images", draws_images, passes_of_samples, measure_samples},
};

/// A figure that is NaN measures nothing, and whoever reads it later in a file sees null.
void expect_numbers(const Evaluation& evaluation) {
  for (const Metric& m : evaluation.metrics)
    if (!std::isfinite(m.value) || (m.spread && !std::isfinite(*m.spread)))
      throw RunError(
          fmt::format("evaluate: {} of the {} split is NaN or infinite, so no figure is kept; look in the run's report "
                      "for a loss that is NaN or very large, and in the data for examples that are all the same",
                      m.name, m.split));
}

}  // namespace

std::span<const MetricRow> metric_rows() { return kRows; }

Evaluation measure(Subject subject, const std::function<void(double done)>& progress) {
  double all = 0, done = 0;  // passes
  for (const MetricRow& row : kRows)
    if (row.applies(subject)) all += row.passes(subject);
  Evaluation evaluation;
  std::vector<std::string> others;
  progress(0);
  for (const MetricRow& row : kRows) {
    if (!row.applies(subject)) {
      others.push_back(fmt::format("{} (needs {})", row.name, row.needs));
      continue;
    }
    const double end = done + row.passes(subject);
    subject.passed = [&](double passes) {
      done = std::min(done + passes, end);
      if (done < all) progress(done / all);  // 1 is said once, when all figures are there
    };
    const SeededScope seeded{uint64_t(subject.seed)};  // a figure does not depend on which others are measured
    row.measure(subject, evaluation);
    done = end;  // a row may find that it has less to do
  }
  if (!others.empty())
    evaluation.left_out.push_back(fmt::format("what other kinds of models have: {}", fmt::join(others, ", ")));
  expect_numbers(evaluation);
  progress(1);
  return evaluation;
}

}  // namespace figment
