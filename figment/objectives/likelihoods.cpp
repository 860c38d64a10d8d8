#include "figment/objectives/likelihoods.h"

#include <cmath>
#include <numbers>

#include "figment/objectives/precision.h"

namespace figment {
namespace {

Tensor sum_over_image(const Tensor& t) { return t.flatten(1).sum(1); }  // [N,*] -> [N]

}  // namespace

Tensor bernoulli_nats(const Tensor& logit, const Tensor& x) {
  const Tensor l = at_least_fp32(logit);
  return sum_over_image(torch::softplus(l) - x * l);
}

Tensor gaussian_nats(const Tensor& mean, const Tensor& log_scale, const Tensor& x) {
  const Tensor log_s = at_least_fp32(log_scale);
  const Tensor deviation = (x - at_least_fp32(mean)) * (-log_s).exp();
  return sum_over_image(deviation.square() / 2 + log_s + std::log(2 * std::numbers::pi) / 2);
}

Tensor discretised_logistic_nats(const Tensor& mean, const Tensor& log_scale, const Tensor& x, int64_t levels) {
  const double half_bin = 1.0 / double(levels - 1);
  const Tensor inverse_scale = (-at_least_fp32(log_scale)).exp();
  const Tensor centre = x - at_least_fp32(mean);
  const Tensor above = (centre + half_bin) * inverse_scale, below = (centre - half_bin) * inverse_scale;
  const Tensor first = x < -1 + half_bin, last = x > 1 - half_bin;
  // expm1: in a wide distribution 1 - exp(b - a) is a small difference of numbers near 1.
  const Tensor width = (-torch::expm1(-2 * half_bin * inverse_scale)).log();
  return -sum_over_image(torch::log_sigmoid(above).masked_fill(last, 0) + torch::log_sigmoid(-below).masked_fill(first, 0) +
                         width.masked_fill(first.logical_or(last), 0));
}

}  // namespace figment
