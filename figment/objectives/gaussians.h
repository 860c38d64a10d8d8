// Diagonal Gaussians over latent vectors, as posteriors and priors.
// Legend: N batch, Z latent size.
#pragma once
#include "figment/tensor/tensors.h"

namespace figment {

/// KL(N(mean, exp(log_var)) || N(0, 1)) of each dimension: (mean^2 + var - 1 - log var) / 2.
/// Source   Kingma and Welling 2014, arXiv:1312.6114, App. B
/// Input    mean, log_var [N,Z]
/// Output   [N,Z] nats, never negative but for rounding
Tensor gaussian_kl_per_dimension(const Tensor& mean, const Tensor& log_var);

/// The same summed over dimensions: [N] nats.
Tensor gaussian_kl(const Tensor& mean, const Tensor& log_var);

/// log N(z; mean, exp(log_var)), summed over dimensions: [N] nats.
Tensor gaussian_log_density(const Tensor& z, const Tensor& mean, const Tensor& log_var);

/// log N(z; 0, 1), summed over dimensions: [N] nats.
Tensor standard_normal_log_density(const Tensor& z);

/// Free bits: the sum over dimensions of max(free_nats, batch mean of the KL). A dimension whose mean KL is below
/// `free_nats` gets no gradient. Minimised in place of the KL; the KL that is reported is the true one.
/// Source   Kingma et al. 2016, arXiv:1606.04934, App. C.8
/// Input    kl [N,Z] of gaussian_kl_per_dimension; the mean is over the batch given
/// Differs  a micro-batch has a mean of its own, and so has the part of the batch that one of several processes has
/// Output   [] nats
Tensor free_bits(const Tensor& kl, double free_nats);

}  // namespace figment
