// Objectives are computed in fp32 at least, whatever precision the networks ran in.
#pragma once
#include "figment/tensor/tensors.h"

namespace figment {

/// bf16 and fp16 become fp32; fp32 and fp64 stay as they are.
inline Tensor at_least_fp32(const Tensor& t) {
  return at::isReducedFloatingType(t.scalar_type()) ? t.to(torch::kFloat) : t;
}

}  // namespace figment
