// Bounds of the likelihood. Signs: every …_nats is -log p or an upper bound of it, summed over an image, mean over
// images; elbo_nats = reconstruction_nats + kl_nats; smaller is better.
#pragma once
#include "figment/evaluation/subject.h"

namespace figment {

/// elbo_nats with its terms, or nll_nats where the model knows -log p itself. In bits: bits_per_dim = nats / (D ln 2)
/// where the density is one over pixel levels, bits_per_image = nats / ln 2 of codes. Units say what the likelihood is
/// of and what it is given: "nats, 2 levels", "bits, 256 levels, given labels", "nats, density". Only equal units
/// compare.
/// Source  Kingma and Welling 2014, Eq. (3), one sample of the posterior per image, every term at weight 1.
void measure_bound(const Subject&, Evaluation&);

/// iwae_<k>_nats.
/// Source  Burda et al. 2016, Eq. (8).
void measure_importance_bound(const Subject&, Evaluation&);

/// bits_per_dim of a prior over codes and the decoder of these codes together: -log p(codes) - log p(x | codes) for the
/// codes that the encoder gives, an upper bound of -log p(x). Left out where the decoder gives no probability of pixel
/// levels, or where an image has several grids of codes.
/// Source  van den Oord et al. 2017, arXiv:1711.00937, Sec. 3.3
void measure_bits_of_two_stages(const Subject&, Evaluation&);

}  // namespace figment
