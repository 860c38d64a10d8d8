// Augmentations that a gradient passes through, for the images that a discriminator sees.
// Legend: N batch, C channels, H W extents.
#pragma once
#include "figment/nn/augment_options.h"
#include "figment/tensor/tensors.h"

namespace figment {

/// Augments each image at random, independently of the others. The discriminator sees real and generated images only
/// after it: if real ones alone were augmented, the generator would learn to generate augmented images.
/// Source   Zhao et al. 2020, arXiv:2006.10738, Sec. 3.3 (DiffAugment); numbers and order: the authors' code
/// Input    x [N,C,H,W] in [-1,1]
/// Output   the same shape; `colour` may leave the range
///   colour       brightness + U(-0.5, 0.5); saturation x U(0, 2) around the mean of a pixel's channels; contrast x
///                U(0.5, 1.5) around the mean of the image
///   translation  by up to an eighth of each side; zeros, which are mid-grey, come in from outside
///   cutout       a mid-grey square of half the sides, its centre anywhere in the image
/// Differs  an eighth of a side is rounded down, so that no shift exceeds it; the authors' code rounds it
Tensor augmented(const Tensor& x, const AugmentOptions&);

}  // namespace figment
