#include "figment/evaluation/likelihood.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <numbers>

#include "figment/contracts/capabilities.h"
#include "figment/evaluation/mean.h"

namespace figment {
namespace {

/// What a likelihood is of and given: figures in one unit compare, those of another one do not. `levels` of pixels; 0
/// for a density of real numbers.
std::string unit_of(std::string_view measure, const Subject& subject, int64_t levels, bool of_codes) {
  std::string unit(measure);
  if (levels > 0)
    unit += fmt::format(", {} levels", levels);
  else if (!of_codes)
    unit += ", density";
  else if (subject.coder)
    for (const CodeSpec& grid : subject.coder->grids())
      unit += fmt::format(", {} x {} codes of {}", grid.width, grid.height, grid.num_codes);
  if (auto* samples = dynamic_cast<Samples*>(&subject.model))
    if (const auto given = samples->takes().kinds(); !given.empty())
      unit += fmt::format(", given {}", fmt::join(given, " and "));
  return unit;
}

}  // namespace

void measure_bound(const Subject& subject, Evaluation& evaluation) {
  auto& model = dynamic_cast<ScoresLikelihood&>(subject.model);
  MeanOverImages bound, bits;
  int64_t levels = 0;  // 0 for codes and for densities of real numbers
  bool codes = false;
  std::vector<std::pair<std::string, MeanOverImages>> terms;
  subject.each_batch(subject.data.measured, [&](const Batch& batch) {
    const Nats nats = model.nats(batch, 1);
    bound.add(nats.total);
    levels = nats.levels;
    codes = !batch.x.is_floating_point();
    if (codes)
      bits.add(nats.total / std::numbers::ln2);
    else if (levels > 0)
      bits.add(nats.total / (double(batch.x[0].numel()) * std::numbers::ln2));
    terms.resize(nats.terms.size());
    for (size_t i = 0; i < terms.size(); ++i) {
      terms[i].first = nats.terms[i].first;
      terms[i].second.add(nats.terms[i].second);
    }
  });
  const std::string nats = unit_of("nats", subject, levels, codes);
  evaluation.metrics.push_back(bound.metric(subject, model.exact() ? "nll_nats" : "elbo_nats", nats));
  for (const auto& [name, mean] : terms) evaluation.metrics.push_back(mean.metric(subject, name, nats));
  if (!bits.empty())
    evaluation.metrics.push_back(
        bits.metric(subject, codes ? "bits_per_image" : "bits_per_dim", unit_of("bits", subject, levels, codes)));
  else
    evaluation.left_out.push_back("bits_per_dim: the likelihood is a density of real numbers, not of pixel levels");
}

void measure_bits_of_two_stages(const Subject& subject, Evaluation& evaluation) {
  auto& prior = dynamic_cast<ScoresLikelihood&>(subject.model);
  auto* decoder = dynamic_cast<ScoresLikelihood*>(subject.coder);
  if (!decoder) {
    evaluation.left_out.push_back("bits_per_dim: the decoder of the codes gives no probability of pixels");
    return;
  }
  if (subject.coder->grids().size() > 1) {
    evaluation.left_out.push_back(
        "bits_per_dim: an image has several grids of codes, and this prior knows one of them");
    return;
  }
  MeanOverImages bits;
  int64_t levels = 0;
  const auto add = [&](const Batch& batch) {
    const Nats given_codes = decoder->nats(batch, 1);
    levels = given_codes.levels;
    Tensor nats =
        prior.nats({.x = subject.coder->encode_codes(batch.x).front(), .condition = batch.condition}, 1).total;
    for (const auto& [name, term] : given_codes.terms)
      if (name == "reconstruction_nats") nats = nats + term;  // the other term is that of the uniform prior
    bits.add(nats / (double(batch.x[0].numel()) * std::numbers::ln2));
  };
  subject.each_batch(subject.images.measured, add, 2);  // a pass of the decoder, one of the prior
  evaluation.metrics.push_back(bits.metric(subject, "bits_per_dim", unit_of("bits", subject, levels, false)));
}

void measure_importance_bound(const Subject& subject, Evaluation& evaluation) {
  if (subject.importance_samples < 1) return;
  auto& model = dynamic_cast<ScoresLikelihood&>(subject.model);
  MeanOverImages bound;
  int64_t levels = 0;
  bool codes = false;
  const auto add = [&](const Batch& batch) {
    const Nats nats = model.nats(batch, subject.importance_samples);
    bound.add(nats.total);
    levels = nats.levels;
    codes = !batch.x.is_floating_point();
  };
  subject.each_batch(subject.data.measured, add, double(subject.importance_samples));
  evaluation.metrics.push_back(bound.metric(subject, fmt::format("iwae_{}_nats", subject.importance_samples),
                                            unit_of("nats", subject, levels, codes)));
}

}  // namespace figment
