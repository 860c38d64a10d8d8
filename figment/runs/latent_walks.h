// Walks through the space of codes: what lies between two images, and what one number of the code changes.
#pragma once
#include <vector>

#include "figment/contracts/capabilities.h"

namespace figment {

/// Rows of a walk: one of `steps` pictures each, [steps,C,H,W] in [-1,1].
using Walks = std::vector<Tensor>;

/// From ends[2r] to ends[2r+1] in equal steps on a straight line, which is right where codes are means of a posterior.
/// ends [2R,Z] on the model's device.
Walks interpolation(DecodesLatent&, const Tensor& ends, int64_t steps);

/// One row a dimension: `start` [Z] with that number going from -span to +span.
Walks traversal(DecodesLatent&, const Tensor& start, const std::vector<int64_t>& dimensions, int64_t steps,
                double span);

/// The dimensions that vary most over codes [N,Z], the most active first.
std::vector<int64_t> most_active(const Tensor& codes, int64_t count);

}  // namespace figment
