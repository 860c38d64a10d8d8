#include "figment/evaluation/likelihood.h"

#include <fmt/format.h>

#include <numbers>

#include "figment/contracts/capabilities.h"
#include "figment/evaluation/mean.h"

namespace figment {

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
  evaluation.metrics.push_back(bound.metric(subject, model.exact() ? "nll_nats" : "elbo_nats", "nats"));
  for (const auto& [name, mean] : terms) evaluation.metrics.push_back(mean.metric(subject, name, "nats"));
  if (!bits.empty())
    evaluation.metrics.push_back(codes ? bits.metric(subject, "bits_per_image", "bits")
                                       : bits.metric(subject, "bits_per_dim", fmt::format("bits, {} levels", levels)));
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
  evaluation.metrics.push_back(bits.metric(subject, "bits_per_dim", fmt::format("bits, {} levels", levels)));
}

void measure_importance_bound(const Subject& subject, Evaluation& evaluation) {
  if (subject.importance_samples < 1) return;
  auto& model = dynamic_cast<ScoresLikelihood&>(subject.model);
  MeanOverImages bound;
  const auto add = [&](const Batch& batch) { bound.add(model.nats(batch, subject.importance_samples).total); };
  subject.each_batch(subject.data.measured, add, double(subject.importance_samples));
  evaluation.metrics.push_back(bound.metric(subject, fmt::format("iwae_{}_nats", subject.importance_samples), "nats"));
}

}  // namespace figment
