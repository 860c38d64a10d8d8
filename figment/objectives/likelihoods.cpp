#include "figment/objectives/likelihoods.h"

#include <ATen/Parallel.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "figment/objectives/kernels.h"

namespace figment {
namespace {

Tensor sum_over_image(const Tensor& t) { return t.flatten(1).sum(1); }  // [N,*] -> [N]

bool plain(const Tensor& t) { return t.device().is_cpu() && t.scalar_type() == torch::kFloat && t.is_contiguous(); }

constexpr int64_t kGrain = 16384;  // sub-pixels for which a thread pays off

/// The same in one pass that also computes the derivative.
struct FusedBernoulli : torch::autograd::Function<FusedBernoulli> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& logit, const Tensor& x) {
    const int64_t n = x.size(0), d = n > 0 ? x.numel() / n : 0;
    Tensor nats = torch::empty({n}, x.options()), slope;
    if (logit.requires_grad()) slope = torch::empty_like(logit);
    const float *l = logit.const_data_ptr<float>(), *target = x.const_data_ptr<float>();
    float *out = nats.data_ptr<float>(), *gradient = slope.defined() ? slope.data_ptr<float>() : nullptr;
    at::parallel_for(0, n, std::max<int64_t>(1, kGrain / std::max<int64_t>(d, 1)), [&](int64_t from, int64_t to) {
      for (int64_t i = from; i < to; ++i)
        out[i] = kernels::bernoulli_nats(l + i * d, target + i * d, gradient ? gradient + i * d : nullptr, d);
    });
    context->save_for_backward({logit, x, slope});
    return nats;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &logit = saved[0], &x = saved[1];
    const Tensor slope =
        torch::GradMode::is_enabled() ? logit.sigmoid() - x : saved[2];  // a second derivative is wanted
    std::vector<int64_t> shape(size_t(x.dim()), 1);
    shape[0] = x.size(0);
    return {slope * gradients[0].view(shape), Tensor()};
  }
};

}  // namespace

Tensor bernoulli_nats(const Tensor& logit, const Tensor& x) {
  const Tensor l = at_least_fp32(logit);
  if (plain(l) && plain(x) && l.sizes() == x.sizes() && !x.requires_grad()) return FusedBernoulli::apply(l, x);
  return sum_over_image(torch::softplus(l) - x * l);
}

Tensor draw_bernoulli(const Tensor& probability) {
  if (!plain(probability)) return torch::bernoulli(probability);
  const auto key = uint64_t(torch::randint(std::numeric_limits<int64_t>::max(), {1}, torch::kLong).item<int64_t>());
  Tensor x = torch::empty_like(probability);
  const float* p = probability.const_data_ptr<float>();
  float* out = x.data_ptr<float>();
  const int64_t blocks = (x.numel() + kernels::kDrawBlock - 1) / kernels::kDrawBlock;
  at::parallel_for(0, blocks, kGrain / kernels::kDrawBlock, [&](int64_t from, int64_t to) {
    const int64_t first = from * kernels::kDrawBlock, end = std::min(to * kernels::kDrawBlock, x.numel());
    kernels::draw_bernoulli(p + first, out + first, first, end - first, key);
  });
  return x;
}

Tensor gaussian_nats(const Tensor& mean, const Tensor& log_scale, const Tensor& x) {
  const Tensor log_s = at_least_fp32(log_scale);
  const Tensor deviation = (x - at_least_fp32(mean)) * (-log_s).exp();
  return sum_over_image(deviation.square() / 2 + log_s + std::log(2 * std::numbers::pi) / 2);
}

Tensor discretised_logistic_log_probability(const Tensor& mean, const Tensor& log_scale, const Tensor& x,
                                            int64_t levels) {
  const double half_bin = 1.0 / double(levels - 1);
  const Tensor inverse_scale = (-at_least_fp32(log_scale)).exp();
  const Tensor centre = x - at_least_fp32(mean);
  const Tensor above = (centre + half_bin) * inverse_scale, below = (centre - half_bin) * inverse_scale;
  const Tensor first = x < -1 + half_bin, last = x > 1 - half_bin;
  // expm1: in a wide distribution 1 - exp(b - a) is a small difference of numbers near 1.
  const Tensor width = (-torch::expm1(-2 * half_bin * inverse_scale)).log();
  return torch::log_sigmoid(above).masked_fill(last, 0) + torch::log_sigmoid(-below).masked_fill(first, 0) +
         width.masked_fill(first.logical_or(last), 0);
}

Tensor discretised_logistic_nats(const Tensor& mean, const Tensor& log_scale, const Tensor& x, int64_t levels) {
  return -sum_over_image(discretised_logistic_log_probability(mean, log_scale, x, levels));
}

Logistics logistic_of(const Tensor& output) {
  const auto halves = at_least_fp32(output).chunk(2, 1);
  return {halves[0], halves[1].clamp_min(kLeastLogScale)};
}

Tensor level_of(const Tensor& x, int64_t levels) {
  return ((x + 1) * (double(levels - 1) / 2)).round().clamp(0, double(levels - 1)).to(torch::kLong);
}

Tensor categorical_nats(const Tensor& logits, const Tensor& value) {
  return sum_over_image(-at_least_fp32(logits).log_softmax(1).gather(1, value.unsqueeze(1)));
}

}  // namespace figment
