#pragma once
#include "figment/nn/quantizer.h"

namespace figment {

/// Each vector becomes the nearest of K learned codes.
/// Source   van den Oord et al. 2017, arXiv:1711.00937v2, Sec. 3; moving averages: App. A.1; cosine codes: Yu et al.
///          2022, arXiv:2110.04627, Sec. 3.2; revival: Dhariwal et al. 2020, arXiv:2005.00341, Sec. 3.1
/// Input    z           [N,D,h,w]
/// Output   .quantized  [N,D,h,w] straight-through, or rotated
///          .losses     commitment: mean over all elements of (z - sg e)^2, weighted with beta; with a codebook by
///                      gradient also codebook: mean of (sg z - e)^2, weight 1
/// Effects  count and follow move the codebook: the moving averages N and m of how often a code is chosen and of the
///          sum of what chose it, N <- g N + (1 - g) n, m <- g m + (1 - g) s, and with e = m / N the codebook
///          (in the division N is Laplace-smoothed). At the start N = 1 and m = e, or the sizes and sums of the k-means
///          clusters. A start of N = 0 with m = e, which is widely copied, divides by epsilon and blows the codes up.
/// Throws   ShapeError if z.size(1) != D
/// Differs  a code whose N falls below `revive_below` of the mean is moved to a random vector of this step
///          (the paper lets it die), as long as `follow` is called with revive; cosine: z and e have length 1,
///          the losses too compare unit vectors
class VectorQuantizer final : public Quantizer {
 public:
  explicit VectorQuantizer(const QuantizerOptions&);
  Quantized forward(const Tensor& z) override;
  Tensor vectors() override;
  Tensor relaxed(const Tensor& z) const override;
  /// Initializes the codebook by k-means if the options say so; of many more vectors than codes on a random subset.
  void start_from(const Tensor& z) override;
  void count(const Tensor& z, const Tensor& code) override;
  void follow(bool revive) override;

 private:
  Tensor rows_of(const Tensor& z) const;
  void move_codebook();
  void revive_dead();
  void place(const Tensor& which, const Tensor& vectors, const Tensor& hits);

  QuantizerOptions options_;
  Tensor codebook_;     // [K,D]: parameter or buffer
  Tensor hits_, sums_;  // N [K] · m [K,D]
  Tensor step_hits_, step_sums_;
  std::vector<Tensor> step_vectors_;  // of which a dead code gets one; each [M,D]
};

}  // namespace figment
