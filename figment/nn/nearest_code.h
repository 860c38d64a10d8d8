// Which code is nearest to a vector.
// Legend: M vectors, K codes, D dimensions.
#pragma once
#include "figment/tensor/tensors.h"

namespace figment {

/// argmin over j of |z_i - e_j|^2; of equally near codes the first. Exact: distances in double precision decide, so
/// that a vector's code depends neither on the rest of its batch nor on the number of threads or the processor.
/// Input    z [M,D], codebook [K,D], floats of any precision on one device; gradients are not followed
/// Output   [M] int64 in [0,K)
/// Throws   ShapeError when the sizes differ or there is no code
/// Differs  from the usual expansion, which holds [M,K] distances in memory: scores of a few rows at a time, which stay
///          in the cache. On the CPU all codes within the rounding error of the best score are compared again in
///          double; on other devices the scores decide.
Tensor nearest_code(const Tensor& z, const Tensor& codebook);

}  // namespace figment
