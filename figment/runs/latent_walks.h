// Walks through the latent space: what lies between two images, and what one latent dimension changes.
#pragma once
#include <vector>

#include "figment/contracts/capabilities.h"
#include "figment/runs/loaded_run.h"
#include "figment/runs/requests.h"

namespace figment {

/// One row of pictures for each walk, [steps,C,H,W] in [-1,1].
using Walks = std::vector<Tensor>;

/// Row r goes from ends[2r] to ends[2r+1] in equal steps on a straight line, which is right where codes are means of a
/// posterior. ends [2R,Z] on the model's device, each with a condition; row r has that of its first end.
Walks interpolation(DecodesLatent&, const Tensor& ends, const Condition&, int64_t steps);

/// One row for each dimension: `start` [Z] with that latent dimension going from -span to +span. The condition is that
/// of one example.
Walks traversal(DecodesLatent&, const Tensor& start, const Condition&, const std::vector<int64_t>& dimensions,
                int64_t steps, double span);

/// The latent dimensions that vary most over codes [N,Z], the most active first.
std::vector<int64_t> most_active(const Tensor& codes, int64_t count);

/// The same for a run: between codes of its held-out examples, or between random codes where the model does not encode.
/// Throws RunError where it does not decode a code.
std::vector<std::vector<Image>> interpolate(LoadedRun&, const InterpolateRequest&);
/// Throws ConfigError for a dimension that the code has not.
std::vector<std::vector<Image>> traverse(LoadedRun&, const TraverseRequest&);

}  // namespace figment
