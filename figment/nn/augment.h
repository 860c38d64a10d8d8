// Augmentations that a gradient passes through, for the images that a discriminator sees.
// Legend: N batch, C channels, H W extents.
#pragma once
#include "figment/nn/augment_options.h"
#include "figment/tensor/tensors.h"

namespace figment {

/// Each image by chances of its own: real and generated images alike, wherever the discriminator looks, so that the
/// generator cannot learn to draw what is only an augmentation.
/// Source   Zhao et al. 2020, arXiv:2006.10738, Sec. 3.3 (DiffAugment)
/// Input    x [N,C,H,W] in [-1,1]
/// Output   the same shape; colour may leave the range
///   colour       brightness + U(-0.5, 0.5); saturation x U(0, 2) around the mean of a pixel's channels; contrast x
///                U(0.5, 1.5) around the mean of the image
///   translation  by up to an eighth of each side, black beyond the edge
///   cutout       a grey square of half the sides, anywhere
Tensor augmented(const Tensor& x, const AugmentOptions&);

}  // namespace figment
