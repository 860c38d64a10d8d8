#pragma once
#include "figment/nn/quantizer.h"

namespace figment {

/// Finite scalar quantization (FSQ): each dimension of a vector is bounded and rounded to one of a few levels. The
/// codes are all combinations of levels; nothing is learned, so no code can die.
/// Source   Mentzer et al. 2023, arXiv:2309.15505, Sec. 3.1
/// Input    z           [N,D,h,w], D the length of `levels`
/// Output   .quantized  [N,D,h,w] in [-1,1]; straight-through: the gradient is that of the bounded z before rounding
///          .code       sum over i of level_i times the product of the level counts before it
/// Throws   ConfigError when there are no levels or more than 65,536 combinations
/// Differs  a dimension has at least three levels, so that the formula needs no second case
class FiniteScalarQuantizer final : public Quantizer {
 public:
  explicit FiniteScalarQuantizer(const std::vector<int64_t>& levels);
  Quantized forward(const Tensor& z) override;
  Tensor vectors() override;
  Tensor relaxed(const Tensor& z) const override;

 private:
  Tensor bounded(const Tensor& z) const;

  Tensor level_count_, stride_, lowest_;  // [D] each; levels lie from -lowest
};

}  // namespace figment
