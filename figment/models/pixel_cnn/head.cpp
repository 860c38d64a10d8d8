#include "figment/models/pixel_cnn/head.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "figment/base/error.h"
#include "figment/objectives/logistic_mixture.h"
#include "figment/tensor/precision.h"

namespace figment::pixel_cnn {
namespace {

class Categorical final : public Head {
 public:
  explicit Categorical(const Alphabet& alphabet) : channels_(alphabet.channels), symbols_(alphabet.symbols) {
    const int64_t pairs = channels_ * (channels_ - 1) / 2;
    if (pairs > 0) after_ = register_parameter("after", torch::zeros({pairs, symbols_, symbols_}));
  }
  int64_t outputs() const override { return channels_ * symbols_; }

  Tensor nats(const Tensor& outputs, const Tensor& symbols) const override {
    const auto logits = at_least_fp32(outputs).split(symbols_, 1);
    Tensor nats;
    for (int64_t c = 0; c < channels_; ++c) {
      Tensor logit = logits[size_t(c)];  // [N,K,H,W]
      for (int64_t b = 0; b < c; ++b)
        logit = logit + torch::embedding(after_[pair(c, b)], symbols.select(1, b)).permute({0, 3, 1, 2});
      const Tensor of_channel =
          torch::nll_loss2d(torch::log_softmax(logit, 1), symbols.select(1, c), {}, at::Reduction::None);
      nats = c == 0 ? of_channel : nats + of_channel;
    }
    return nats;
  }

  Probabilities probabilities() const override {
    const Tensor after = after_.defined() ? after_.detach().to(torch::kCPU, torch::kDouble).contiguous() : Tensor();
    return [after, k = symbols_](std::span<const double> outputs, std::span<const int64_t> earlier,
                                 std::span<double> probability) {
      const auto c = int64_t(earlier.size());
      std::copy_n(outputs.begin() + c * k, k, probability.begin());
      for (int64_t b = 0; b < c; ++b) {
        const double* row = after.const_data_ptr<double>() + (pair(c, b) * k + earlier[size_t(b)]) * k;
        for (int64_t i = 0; i < k; ++i) probability[size_t(i)] += row[i];
      }
      const double largest = *std::max_element(probability.begin(), probability.end());
      for (double& p : probability) p = std::exp(p - largest);
    };
  }

 private:
  static int64_t pair(int64_t c, int64_t b) { return c * (c - 1) / 2 + b; }
  int64_t channels_, symbols_;
  Tensor after_;  // [pairs,K,K]: what a symbol of an earlier channel adds to a channel's logits
};

class LogisticMixture final : public Head {
 public:
  LogisticMixture(const Alphabet& alphabet, int64_t mixtures)
      : channels_(alphabet.channels), levels_(alphabet.symbols), mixtures_(mixtures) {}
  int64_t outputs() const override { return logistic_mixture_outputs(channels_, mixtures_); }

  Tensor nats(const Tensor& outputs, const Tensor& symbols) const override {
    const Tensor o = at_least_fp32(outputs);
    return logistic_mixture_nats(o, symbols.to(o.scalar_type()) * (2.0 / double(levels_ - 1)) - 1, mixtures_, levels_);
  }

  Probabilities probabilities() const override {
    return [c = channels_, m = mixtures_](std::span<const double> outputs, std::span<const int64_t> earlier,
                                          std::span<double> probability) {
      logistic_mixture_probabilities(outputs, c, m, earlier, probability);
    };
  }

 private:
  int64_t channels_, levels_, mixtures_;
};

}  // namespace

std::shared_ptr<Head> make_head(const Config& config, const Alphabet& alphabet) {
  if (alphabet.codes && config.mixtures != Config().mixtures)
    throw ConfigError(
        "model.mixtures has no effect here: the data holds codes, which are always categorical; leave it out");
  if (alphabet.codes || config.likelihood == LikelihoodKind::kCategorical)
    return std::make_shared<Categorical>(alphabet);
  return std::make_shared<LogisticMixture>(alphabet, config.mixtures);
}

int64_t draw_symbol(std::span<double> probability, const SampleOptions& options, double uniform) {
  const auto most = std::max_element(probability.begin(), probability.end());
  if (options.temperature == 0) return most - probability.begin();
  const double largest = *most;
  if (options.temperature != 1)
    for (double& p : probability) p = std::pow(p / largest, 1 / options.temperature);
  const bool few = options.top_k > 0 && options.top_k < int64_t(probability.size());
  if (few || options.top_p < 1) {
    std::vector<size_t> order(probability.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return probability[a] > probability[b]; });
    if (few)
      for (size_t i = size_t(options.top_k); i < order.size(); ++i) probability[order[i]] = 0;
    const double enough = options.top_p * std::accumulate(probability.begin(), probability.end(), 0.0);
    double held = 0;
    for (const size_t i : order) {
      if (held > 0 && held >= enough) probability[i] = 0;
      held += probability[i];
    }
  }
  double left = uniform * std::accumulate(probability.begin(), probability.end(), 0.0);
  int64_t last = most - probability.begin();
  for (size_t i = 0; i < probability.size(); ++i) {
    if (probability[i] <= 0) continue;
    last = int64_t(i);
    left -= probability[i];
    if (left < 0) break;
  }
  return last;  // rounding may leave a little: then the last possible symbol
}

}  // namespace figment::pixel_cnn
