// How evenly codes are used.
#pragma once
#include <torch/torch.h>

namespace figment {

using torch::Tensor;

/// exp(-sum p log p), p the share of each code: K where all are used alike, 1 where one is used alone, 0 where none is.
/// Source   van den Oord et al. 2017, arXiv:1711.00937
/// Input    uses [K], counts
/// Output   [] double
inline Tensor code_perplexity(const Tensor& uses) {
  const Tensor n = uses.to(torch::kDouble), total = n.sum();
  return torch::special::entr(n / total.clamp_min(1e-300)).sum().exp() * (total > 0);
}

}  // namespace figment
