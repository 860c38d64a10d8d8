#include "figment/runs/latent_walks.h"

namespace figment {

Walks interpolation(DecodesLatent& model, const Tensor& ends, int64_t steps) {
  const Tensor t = torch::linspace(0, 1, steps, ends.options()).unsqueeze(1);
  Walks walks;
  for (int64_t r = 0; 2 * r + 1 < ends.size(0); ++r)
    walks.push_back(model.decode(ends[2 * r] * (1 - t) + ends[2 * r + 1] * t, {}));
  return walks;
}

Walks traversal(DecodesLatent& model, const Tensor& start, const std::vector<int64_t>& dimensions, int64_t steps,
                double span) {
  Walks walks;
  for (const int64_t d : dimensions) {
    const Tensor z = start.repeat({steps, 1});
    z.select(1, d).copy_(torch::linspace(-span, span, steps));
    walks.push_back(model.decode(z, {}));
  }
  return walks;
}

std::vector<int64_t> most_active(const Tensor& codes, int64_t count) {
  const Tensor order = codes.var(0, /*unbiased=*/false).argsort(0, /*descending=*/true).cpu();
  return {order.data_ptr<int64_t>(), order.data_ptr<int64_t>() + std::min(count, order.numel())};
}

}  // namespace figment
