// Mixtures of discretised logistics over the channels of a pixel.
// Legend: N batch, C channels, M logistics, L levels, H W extents.
#pragma once
#include <span>

#include "figment/tensor/tensors.h"

namespace figment {

/// Parameters of the mixture of one pixel: M times (1 weight, C means, C log scales, C (C - 1) / 2
/// coefficients).
constexpr int64_t logistic_mixture_outputs(int64_t channels, int64_t mixtures) {
  return mixtures * (1 + 2 * channels + channels * (channels - 1) / 2);
}

/// -log p of each pixel. All channels share the choice of the mixture component; the mean of channel c depends linearly
/// on the channels before it, mean_c + sum over b < c of tanh(coefficient_cb) x_b.
/// Source   Salimans et al. 2017, arXiv:1701.05517, Sec. 2.1 and 2.2
/// Input    outputs [N, logistic_mixture_outputs(C,M), H, W]: all logits of the weights, the means channel by channel,
///          the log scales, the coefficients (1,0), (2,0), (2,1) ...; x [N,C,H,W] on the grid -1 + 2 i / (levels - 1)
/// Output   [N,H,W] nats
/// Differs  see discretised_logistic_log_probability
Tensor logistic_mixture_nats(const Tensor& outputs, const Tensor& x, int64_t mixtures, int64_t levels);

/// The unnormalised probability of each level of one channel of one pixel, given the levels of the channels before it.
/// Input    outputs of one pixel, in the order above; `earlier`: levels of channels 0 to c-1, whose number is c
/// Output   probability [L]
void logistic_mixture_probabilities(std::span<const double> outputs, int64_t channels, int64_t mixtures,
                                    std::span<const int64_t> earlier, std::span<double> probability);

}  // namespace figment
