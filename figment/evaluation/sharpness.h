// How sharp images are.
// Legend: N images, C channels, H W extents.
#pragma once
#include <torch/torch.h>

namespace figment {

using torch::Tensor;

/// Variance of the Laplacian of the grey image on [0,1], over the pixels that have four neighbours.
/// Input    [N,C,H,W] in [-1,1], at least 3 x 3
/// Output   [N]
Tensor sharpness(const Tensor& images);

/// Images convolved with a Gaussian of this deviation in pixels; pixels of the edge go on outside of it.
Tensor blurred(const Tensor& images, double deviation);

}  // namespace figment
