#include "figment/models/pixel_cnn/gate.h"

#include <ATen/Parallel.h>

#include "figment/models/pixel_cnn/loops.h"

namespace figment::pixel_cnn {
namespace {

constexpr int64_t kGrain = 1 << 15;  // elements for which a thread pays off

Tensor by_operators(const Tensor& x) {
  const auto half = x.chunk(2, 1);
  return torch::tanh(half[0]) * torch::sigmoid(half[1]);
}

/// The memory layout: a row holds 2 `width` elements, of which the second half gates the first.
struct Layout {
  torch::MemoryFormat format;
  int64_t rows, width;
};
Layout layout_of(const Tensor& x) {
  const int64_t n = x.size(0), f = x.size(1) / 2, area = x.size(2) * x.size(3);
  const auto format = x.suggest_memory_format();
  if (format == torch::MemoryFormat::ChannelsLast) return {format, n * area, f};
  return {format, n, f * area};
}

/// f(first row, number of rows), the rows split among the threads.
template <class F>
void each_part(const Layout& layout, const F& f) {
  at::parallel_for(0, layout.rows, std::max<int64_t>(1, kGrain / layout.width),
                   [&](int64_t from, int64_t to) { f(from, to - from); });
}

template <class Number, class T>
Tensor forward_of(const Tensor& x) {
  const Layout layout = layout_of(x);
  const Tensor in = x.contiguous(layout.format);
  const Tensor out = torch::empty({x.size(0), x.size(1) / 2, x.size(2), x.size(3)}, x.options(), layout.format);
  const auto* a = reinterpret_cast<const Number*>(in.const_data_ptr<T>());
  auto* y = reinterpret_cast<Number*>(out.mutable_data_ptr<T>());
  const int64_t width = layout.width;
  each_part(layout, [&](int64_t row, int64_t rows) {
    gate(a + row * 2 * width, 2 * width, y + row * width, width, width, rows);
  });
  return out;
}

template <class Number, class T>
Tensor backward_of(const Tensor& x, const Tensor& slope) {
  const Layout layout = layout_of(x);
  const Tensor in = x.contiguous(layout.format), of_out = slope.contiguous(layout.format);
  const Tensor of_in = torch::empty(x.sizes(), x.options(), layout.format);
  const auto* a = reinterpret_cast<const Number*>(in.const_data_ptr<T>());
  const auto* g = reinterpret_cast<const Number*>(of_out.const_data_ptr<T>());
  auto* s = reinterpret_cast<Number*>(of_in.mutable_data_ptr<T>());
  const int64_t width = layout.width;
  each_part(layout, [&](int64_t row, int64_t rows) {
    gate_slopes(a + row * 2 * width, g + row * width, s + row * 2 * width, width, rows);
  });
  return of_in;
}

class OnePass : public torch::autograd::Function<OnePass> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x) {
    context->save_for_backward({x});
    return x.scalar_type() == torch::kBFloat16 ? forward_of<Bf16, at::BFloat16>(x) : forward_of<float, float>(x);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const Tensor x = context->get_saved_variables()[0], &slope = gradients[0];
    if (torch::GradMode::is_enabled())  // a gradient of this gradient is wanted
      return torch::autograd::grad({by_operators(x)}, {x}, {slope}, /*retain_graph=*/true, /*create_graph=*/true);
    return {x.scalar_type() == torch::kBFloat16 ? backward_of<Bf16, at::BFloat16>(x, slope)
                                                : backward_of<float, float>(x, slope)};
  }
};

}  // namespace

Tensor gate(const Tensor& x) {
  const bool ours = x.scalar_type() == torch::kFloat || x.scalar_type() == torch::kBFloat16;
  return ours && x.device().is_cpu() && x.dim() == 4 && x.numel() > 0 ? OnePass::apply(x) : by_operators(x);
}

}  // namespace figment::pixel_cnn
