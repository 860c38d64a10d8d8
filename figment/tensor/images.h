// Tensors ⇄ pictures.
#pragma once
#include <torch/torch.h>

#include "figment/media/image.h"

namespace figment {

using torch::Tensor;

inline Tensor to_unit(const Tensor& x) { return (x + 1) / 2; }  ///< [-1,1] to [0,1]
inline Tensor to_signed(const Tensor& x) { return 2 * x - 1; }  ///< [0,1] to [-1,1]

/// The value in [-1,1] of a level from 0 to 255.
constexpr float signed_value(uint8_t level) { return (float(level) - 127.5f) / 127.5f; }

Tensor to_bytes(const Tensor& x);        ///< [-1,1] float to uint8, nearest level, same shape; outside: clamped, NaN: 0
Tensor from_bytes(const Tensor& bytes);  ///< signed_value of each, same shape; to_bytes undoes it exactly

/// [C,H,W] in [-1,1]; C is the picture's number of channels.
Tensor to_tensor(const Image&);
/// Of [C,H,W] in [-1,1] with C of 1, 3 or 4. Throws ShapeError.
Image to_image(const Tensor& x);

/// Points of the plane [N,2] as one picture [3,S,S] in [-1,1], red on white, over those of `beneath` in grey. It
/// reaches to the farthest of `beneath`, or of the points where there are none beneath; what lies outside is not shown.
Tensor scatter(const Tensor& points, const Tensor& beneath = {});

/// [N,C,H,W] in [-1,1], C of 1, 3 or 4, as the sheet that `grid` of media makes of the pictures. Throws ShapeError, and
/// DataError without pictures.
Image image_grid(const Tensor& x, int64_t columns, int64_t gap = 2);

}  // namespace figment
