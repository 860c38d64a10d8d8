// Pictures as points of the space in which real ones vary most: features that no network has learned.
// Legend: N pictures, D pixel values of a picture.
#pragma once
#include <torch/torch.h>

namespace figment {

using torch::Tensor;

/// Pixel values of pictures. A picture of more than 1,024 values is first averaged down, to the largest square that has
/// no more: the leading components hold no finer detail, and covariances stay small.
/// Input    [N,C,H,W]
/// Output   [N,D] fp32 on the CPU
Tensor pixel_rows(const Tensor& images);

/// Principal components of rows that come batch by batch; no row is kept.
/// Source     Pearson 1901, Phil. Mag. 2(11)
/// Precision  double: the same whatever the batches are, but for rounding
class PrincipalComponents {
 public:
  void add(const Tensor& rows);  ///< [N,D]
  /// The directions of largest variance, [D, min(count, D)] double. Throws ShapeError for fewer than two rows.
  Tensor directions(int64_t count) const;

 private:
  int64_t count_ = 0;
  Tensor centre_, sum_, products_;  // of rows minus `centre_`, the mean of the first batch
};

}  // namespace figment
