// -log p(x | z) of an image, one function per family of densities. Every one sums over the image and keeps the batch:
// the mean over images is the caller's.
// Legend: N batch, * any extents of one image.
#pragma once
#include "figment/tensor/tensors.h"

namespace figment {

/// Bernoulli with probability sigmoid(logit), in the form that stays finite for any logit: softplus(l) - x l.
/// Source   Kingma and Welling 2014, arXiv:1312.6114, App. C.1
/// Input    logit [N,*]; x [N,*] in {0,1}. Grey values in (0,1) give a finite value, but not a likelihood.
/// Output   [N] nats
Tensor bernoulli_nats(const Tensor& logit, const Tensor& x);

/// x = 1 with the given probability, else 0, from the default generator: one number of it seeds a stream of our own
/// that is ten times as fast and the same for any number of threads. Other devices and types use the engine's function.
/// Input    probability of any shape, in [0,1]
Tensor draw_bernoulli(const Tensor& probability);

/// Gaussian with a standard deviation of exp(log_scale): ((x - mean) / s)^2 / 2 + log s + log(2 pi) / 2.
/// Source   Kingma and Welling 2014, App. C.2. At a fixed s it trains like the squared error with a KL weight of 2 s^2.
/// Input    mean, x [N,*]; log_scale of a shape that broadcasts to them, [] for one scale of all pixels
/// Output   [N] nats of a density over real numbers: may be negative, and is not comparable with a probability
Tensor gaussian_nats(const Tensor& mean, const Tensor& log_scale, const Tensor& x);

/// Log-probability of the bin around x under a logistic distribution. The first bin reaches to -inf, the last one to
/// +inf: the probabilities of all levels add up to 1.
/// Source   Kingma et al. 2016, arXiv:1606.04934, Sec. 5; open ends: Salimans et al. 2017, arXiv:1701.05517, Sec. 2.1
/// Input    mean, log_scale and x of shapes that broadcast; x on the grid -1 + 2 i / (levels - 1)
/// Output   of the shape they broadcast to
/// Differs  from both papers' code, which falls back on the density in thin bins. With a = (x + d - mean) / s and
///          b = (x - d - mean) / s, log(sigma(a) - sigma(b)) = log sigma(a) + log sigma(-b) + log(1 - exp(b - a))
///          holds for every bin, without a threshold.
Tensor discretised_logistic_log_probability(const Tensor& mean, const Tensor& log_scale, const Tensor& x,
                                            int64_t levels);

/// The smallest log scale in use: a quarter of a bin of 256 levels; below it the gradient explodes (Salimans et al.
/// 2017).
inline constexpr double kLeastLogScale = -7;

/// -log of the same, summed over the image: mean, log_scale, x [N,*] -> [N] nats.
Tensor discretised_logistic_nats(const Tensor& mean, const Tensor& log_scale, const Tensor& x, int64_t levels);

/// Of a network's output: one logistic for each sub-pixel.
struct Logistics {
  Tensor mean, log_scale;  ///< [N,C,H,W] each, fp32 at least
};
/// [N,2C,H,W], means first; the log scale is at least kLeastLogScale.
Logistics logistic_of(const Tensor& output);

/// The level from 0 to levels - 1 of each value of the grid -1 + 2 i / (levels - 1): int64 of x's shape.
Tensor level_of(const Tensor& x, int64_t levels);

/// An independent probability for each of L values: the softmax of the logits.
/// Source   van den Oord et al. 2016, arXiv:1601.06759, Sec. 3.3
/// Input    logits [N,L,*]; value [N,*] int64 in [0,L)
/// Output   [N] nats
Tensor categorical_nats(const Tensor& logits, const Tensor& value);

}  // namespace figment
