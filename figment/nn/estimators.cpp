#include "figment/nn/estimators.h"

namespace figment {

Tensor rotated(const Tensor& z, const Tensor& q) {
  constexpr double kSmall = 1e-6;
  const Tensor from = z.detach(), to = q.detach();
  const Tensor from_length = from.norm(2, 1, true), to_length = to.norm(2, 1, true);  // [M,1]
  const Tensor from_unit = from / from_length.clamp_min(kSmall), to_unit = to / to_length.clamp_min(kSmall);
  const Tensor between = from_unit + to_unit, between_length = between.norm(2, 1, true);
  const Tensor r = between / between_length.clamp_min(kSmall);
  const auto along = [&](const Tensor& direction) { return (z * direction).sum(1, true); };
  const Tensor turned =
      (z - 2 * along(r) * r + 2 * along(from_unit) * to_unit) * (to_length / from_length.clamp_min(kSmall));
  const Tensor stable = (from_length > kSmall).logical_and(to_length > kSmall).logical_and(between_length > kSmall);
  return straight_through(torch::where(stable, turned, z), to);  // the value of q, the gradient of the rotation
}

}  // namespace figment
