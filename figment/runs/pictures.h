// Pictures of a model at work, from its capabilities alone.
#pragma once
#include <string>
#include <vector>

#include "figment/contracts/capabilities.h"
#include "figment/contracts/model.h"
#include "figment/media/image.h"
#include "figment/runs/loaded_run.h"

namespace figment {

/// "samples" (fixed seeds 0 … 63), "drawing" (how some of them came about), "reconstructions" (each example above what
/// the model makes of it), "interpolation" and "traversal" of their codes, exhibits. `parents` stand before and behind
/// the model when it draws. The caller has set eval mode, no-grad and the seed.
std::vector<Picture> preview_pictures(Model&, const Parents&, const Batch& examples, torch::Device);

/// Images [N,C,H,W] with grey below the kept part. rows/of_rows is the kept share; the units may be rows of codes.
Tensor upper_rows(const Tensor& images, int64_t rows, int64_t of_rows);

/// Rows of originals, each above its reconstructions. Input: x and y [N,C,H,W].
Tensor paired(const Tensor& x, const Tensor& y, int64_t columns);

}  // namespace figment
