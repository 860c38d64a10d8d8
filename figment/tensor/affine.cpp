#include "figment/tensor/affine.h"

#include <ATen/autocast_mode.h>
#include <ATen/core/dispatch/Dispatcher.h>

namespace figment {
namespace {

using Pointwise = Tensor(const Tensor&, const Tensor&, const std::optional<Tensor>&, std::string_view,
                         c10::List<std::optional<at::Scalar>>, std::optional<std::string_view>);

/// It is not in at::, and not in every build of LibTorch: none where it is missing or takes other arguments.
std::optional<c10::TypedOperatorHandle<Pointwise>> found_onednn_linear() {
  const auto op = c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""});
  if (!op || !op->hasKernelForDispatchKey(c10::DispatchKey::CPU)) return std::nullopt;
  try {
    return op->typed<Pointwise>();
  } catch (const c10::Error&) { return std::nullopt; }
}

const std::optional<c10::TypedOperatorHandle<Pointwise>>& onednn_linear() {
  static const auto found = found_onednn_linear();
  return found;
}

bool is_fp32_matrix(const Tensor& t) {
  return t.device().is_cpu() && t.scalar_type() == torch::kFloat && t.dim() == 2 && t.numel() > 0;
}

class OneDnnLinear : public torch::autograd::Function<OneDnnLinear> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x, const Tensor& weight,
                        const std::optional<Tensor>& bias) {
    context->save_for_backward({x, weight});
    context->saved_data[kBiased] = bias.has_value();
    const at::AutoDispatchBelowADInplaceOrView below;
    return onednn_linear()->call(x, weight, bias, "none", c10::List<std::optional<at::Scalar>>(), "");
  }

  /// Of the same products, so that a gradient has a gradient.
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &weight = saved[1], &slope = gradients[0];
    Tensor of_x, of_weight, of_bias;
    if (context->needs_input_grad(0)) of_x = affine(slope, weight.t());
    if (context->needs_input_grad(1)) of_weight = affine(slope.t(), x.t());
    if (context->saved_data[kBiased].toBool() && context->needs_input_grad(2)) of_bias = slope.sum(0);
    return {of_x, of_weight, of_bias};
  }

 private:
  static constexpr auto kBiased = "biased";  // an argument that was not given has no place among the gradients
};

}  // namespace

Tensor affine(const Tensor& x, const Tensor& weight, const std::optional<Tensor>& bias) {
  if (bias && !bias->defined()) return affine(x, weight);
  if (is_fp32_matrix(x) && is_fp32_matrix(weight) && onednn_linear() && !at::autocast::is_autocast_enabled(at::kCPU))
    return OneDnnLinear::apply(x, weight, bias);
  return torch::linear(x, weight, bias);
}

}  // namespace figment
