#include "figment/objectives/gaussians.h"

#include <cmath>
#include <numbers>

#include "figment/objectives/precision.h"

namespace figment {

Tensor gaussian_kl_per_dimension(const Tensor& mean, const Tensor& log_var) {
  const Tensor m = at_least_fp32(mean), v = at_least_fp32(log_var);
  return (m.square() + v.exp() - 1 - v) / 2;
}

Tensor gaussian_kl(const Tensor& mean, const Tensor& log_var) { return gaussian_kl_per_dimension(mean, log_var).sum(1); }

Tensor gaussian_log_density(const Tensor& z, const Tensor& mean, const Tensor& log_var) {
  const Tensor v = at_least_fp32(log_var);
  return standard_normal_log_density((z - at_least_fp32(mean)) * (-v / 2).exp()) - v.sum(1) / 2;
}

Tensor standard_normal_log_density(const Tensor& z) {
  return -(at_least_fp32(z).square() + std::log(2 * std::numbers::pi)).sum(1) / 2;
}

Tensor free_bits(const Tensor& kl, double free_nats) { return kl.mean(0).clamp_min(free_nats).sum(); }

}  // namespace figment
