#include "figment/objectives/logistic_mixture.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "figment/objectives/likelihoods.h"
#include "figment/tensor/loops.h"
#include "figment/tensor/precision.h"

namespace figment {
namespace {

/// Offsets of the parts among the outputs, in blocks of M.
int64_t mean_at(int64_t c) { return 1 + c; }
int64_t log_scale_at(int64_t c, int64_t channels) { return 1 + channels + c; }
int64_t coefficient_at(int64_t c, int64_t b, int64_t channels) { return 1 + 2 * channels + c * (c - 1) / 2 + b; }

/// probability[i] += weight (sigma(z_i+1) - sigma(z_i)), z the edges of the bins, the outer ones at infinity. `small`
/// is scratch space for levels + 1 numbers. With small = sigma(-|z|), a difference on either side of 0 is one of small
/// numbers: far from the mean the probability is small but not zero.
FIGMENT_EVERY_PROCESSOR void add_probabilities(double mean, double inverse_scale, double weight, int64_t levels,
                                               double* small, double* probability) {
  const double step = 2.0 / double(levels - 1), start = -1 - step / 2 - mean;
  for (int64_t i = 0; i <= levels; ++i) {
    const double z = (start + step * double(i)) * inverse_scale, e = exp_of(z < 0 ? z : -z);
    small[i] = e / (1 + e);
  }
  small[0] = small[levels] = 0;
  for (int64_t i = 0; i < levels; ++i) {
    const bool above = i > 0 && start + step * double(i) > 0;
    const bool below = i + 1 < levels && start + step * double(i + 1) < 0;
    const double rising = small[i + 1] - small[i], centre = 1 - small[i] - small[i + 1];
    probability[i] += weight * (above ? -rising : below ? rising : centre);
  }
}

double log_probability(double mean, double inverse_scale, int64_t level, int64_t levels) {
  const double step = 2.0 / double(levels - 1), x = -1 + step * double(level);
  const double above = (x + step / 2 - mean) * inverse_scale, below = (x - step / 2 - mean) * inverse_scale;
  const auto log_sigmoid = [](double z) { return z < 0 ? z - std::log1p(std::exp(z)) : -std::log1p(std::exp(-z)); };
  if (level == 0) return log_sigmoid(above);
  if (level == levels - 1) return log_sigmoid(-below);
  return log_sigmoid(above) + log_sigmoid(-below) + std::log(-std::expm1(below - above));
}

}  // namespace

Tensor logistic_mixture_nats(const Tensor& outputs, const Tensor& x, int64_t mixtures, int64_t levels) {
  const int64_t n = x.size(0), channels = x.size(1), h = x.size(2), w = x.size(3);
  expect_shape(outputs, {n, logistic_mixture_outputs(channels, mixtures), h, w}, "logistic_mixture_nats", "outputs");
  const auto part = [blocks = at_least_fp32(outputs).split(mixtures, 1)](int64_t i) { return blocks[size_t(i)]; };
  Tensor log_p = torch::log_softmax(part(0), 1);  // [N,M,H,W]
  for (int64_t c = 0; c < channels; ++c) {
    Tensor mean = part(mean_at(c));
    for (int64_t b = 0; b < c; ++b) mean = mean + torch::tanh(part(coefficient_at(c, b, channels))) * x.narrow(1, b, 1);
    const Tensor log_scale = part(log_scale_at(c, channels)).clamp_min(kLeastLogScale);
    log_p = log_p + discretised_logistic_log_probability(mean, log_scale, x.narrow(1, c, 1), levels);
  }
  return -torch::logsumexp(log_p, 1);
}

void logistic_mixture_probabilities(std::span<const double> outputs, int64_t channels, int64_t mixtures,
                                    std::span<const int64_t> earlier, std::span<double> probability) {
  const auto c = int64_t(earlier.size()), levels = int64_t(probability.size());
  const auto at = [&](int64_t block, int64_t m) { return outputs[size_t(block * mixtures + m)]; };
  const auto mean = [&](int64_t of, int64_t m) {
    double mu = at(mean_at(of), m);
    for (int64_t b = 0; b < of; ++b)
      mu += std::tanh(at(coefficient_at(of, b, channels), m)) *
            (-1 + 2.0 * double(earlier[size_t(b)]) / double(levels - 1));
    return mu;
  };
  const auto inverse_scale = [&](int64_t of, int64_t m) {
    return std::exp(-std::max(at(log_scale_at(of, channels), m), kLeastLogScale));
  };
  std::vector<double> log_weight(static_cast<size_t>(mixtures)), small(size_t(levels) + 1);
  for (int64_t m = 0; m < mixtures; ++m) {  // posterior weight of each component given the channels before
    log_weight[size_t(m)] = at(0, m);
    for (int64_t b = 0; b < c; ++b)
      log_weight[size_t(m)] += log_probability(mean(b, m), inverse_scale(b, m), earlier[size_t(b)], levels);
  }
  const double largest = *std::max_element(log_weight.begin(), log_weight.end());
  std::fill(probability.begin(), probability.end(), 0.0);
  for (int64_t m = 0; m < mixtures; ++m)
    add_probabilities(mean(c, m), inverse_scale(c, m), std::exp(log_weight[size_t(m)] - largest), levels, small.data(),
                      probability.data());
}

}  // namespace figment
