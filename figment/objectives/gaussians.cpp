#include "figment/objectives/gaussians.h"

#include <cmath>
#include <numbers>

#include "figment/objectives/kernels.h"

namespace figment {
namespace {

/// Whether rows are contiguous fp32 on the CPU; the rows themselves may lie apart, as halves of a wider matrix do.
bool has_plain_rows(const Tensor& t) {
  return t.device().is_cpu() && t.scalar_type() == torch::kFloat && t.dim() == 2 && t.stride(1) == 1;
}

/// The same in one pass that also computes the derivative.
struct FusedKl : torch::autograd::Function<FusedKl> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& mean, const Tensor& log_var) {
    const int64_t n = mean.size(0), z = mean.size(1);
    Tensor kl = torch::empty({n, z}, mean.options()), slope;
    if (log_var.requires_grad()) slope = torch::empty({n, z}, mean.options());
    for (int64_t i = 0; i < n; ++i)
      kernels::gaussian_kl(mean.const_data_ptr<float>() + i * mean.stride(0),
                           log_var.const_data_ptr<float>() + i * log_var.stride(0), kl.data_ptr<float>() + i * z,
                           slope.defined() ? slope.data_ptr<float>() + i * z : nullptr, z);
    context->save_for_backward({mean, log_var, slope});
    return kl;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &mean = saved[0], &log_var = saved[1];
    if (torch::GradMode::is_enabled()) return {gradients[0] * mean, gradients[0] * (log_var.exp() - 1) / 2};
    return {gradients[0] * mean, saved[2].defined() ? gradients[0] * saved[2] : Tensor()};
  }
};

}  // namespace

Tensor gaussian_kl_per_dimension(const Tensor& mean, const Tensor& log_var) {
  const Tensor m = at_least_fp32(mean), v = at_least_fp32(log_var);
  if (has_plain_rows(m) && has_plain_rows(v) && m.sizes() == v.sizes()) return FusedKl::apply(m, v);
  return (m.square() + v.exp() - 1 - v) / 2;
}

Tensor gaussian_kl(const Tensor& mean, const Tensor& log_var) {
  return gaussian_kl_per_dimension(mean, log_var).sum(1);
}

Tensor gaussian_log_density(const Tensor& z, const Tensor& mean, const Tensor& log_var) {
  const Tensor v = at_least_fp32(log_var);
  return standard_normal_log_density((z - at_least_fp32(mean)) * (-v / 2).exp()) - v.sum(1) / 2;
}

Tensor standard_normal_log_density(const Tensor& z) {
  return -(at_least_fp32(z).square() + std::log(2 * std::numbers::pi)).sum(1) / 2;
}

Tensor free_bits(const Tensor& kl, double free_nats) { return kl.mean(0).clamp_min(free_nats).sum(); }

}  // namespace figment
