// Bounds of the likelihood. Signs: every …_nats is -log p or an upper bound of it, summed over an image, mean over
// images; elbo_nats = reconstruction_nats + kl_nats; smaller is better.
#pragma once
#include "figment/evaluation/metrics.h"

namespace figment {

/// elbo_nats with its terms, or nll_nats where the model knows -log p itself. In bits: bits_per_dim = nats / (D ln 2)
/// where the density is one over pixel levels, bits_per_image = nats / ln 2 of codes.
/// Source  Kingma and Welling 2014, Eq. (3), one sample of the posterior per image, every term at weight 1.
void measure_bound(const Subject&, Evaluation&);

/// iwae_<k>_nats. Source  Burda et al. 2016, Eq. (8).
void measure_importance_bound(const Subject&, Evaluation&);

}  // namespace figment
