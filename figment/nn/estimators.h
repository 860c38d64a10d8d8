// Gradient estimators for the replacement of a vector by a code, which has no derivative.
#pragma once
#include "figment/tensor/tensors.h"

namespace figment {

/// The value of q, to the last bit; the gradient passes to z unchanged. q gets none.
/// Source   Bengio et al. 2013, arXiv:1308.3432; van den Oord et al. 2017, arXiv:1711.00937, Sec. 3.2
/// Input    z, q of equal shapes
inline Tensor straight_through(const Tensor& z, const Tensor& q) { return q.detach() + (z - z.detach()); }

/// The value of q; the gradient is transformed by the rotation and scaling that map z to q, held constant:
/// R z |q| / |z| = q with R = I - 2 r r' + 2 q^ z^', r the unit vector between z^ and q^. For vectors that are
/// nearly opposite or nearly zero this is not stable: they pass straight through.
/// Source   Fifty et al. 2025, arXiv:2410.06424, Sec. 4
/// Input    z, q [M,D], D >= 2
Tensor rotated(const Tensor& z, const Tensor& q);

}  // namespace figment
