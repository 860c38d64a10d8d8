// Fused loops over floats: one pass over memory instead of one per operator, which saves a fifth of a training step of
// a small VAE. Compiled for several instruction sets; the processor's best is chosen when loading. Public functions of
// tensors use them where tensors are contiguous fp32 on the CPU; elsewhere they compute the same with LibTorch
// operators.
#pragma once
#include <cstdint>

namespace figment::kernels {

/// Sum over n pixels of softplus(l) - x l, with x in [0,1]; into `slope`, unless null, its derivative sigmoid(l) - x.
float bernoulli_nats(const float* logit, const float* x, float* slope, int64_t n);

/// kl = (mean^2 + exp(log_var) - 1 - log_var) / 2 and, unless null, slope = d kl / d log_var = (exp(log_var) - 1) / 2.
void gaussian_kl(const float* mean, const float* log_var, float* kl, float* slope, int64_t n);

/// x = 1 with the given probability, else 0, for the n elements from position `first` of the stream `key`: a number
/// depends on key and position alone, so any split among threads draws the same. `first` is a multiple of kDrawBlock.
/// Source   Philox4x32-10: Salmon et al. 2011, Parallel Random Numbers: As Easy as 1, 2, 3
void draw_bernoulli(const float* probability, float* x, int64_t first, int64_t n, uint64_t key);
inline constexpr int64_t kDrawBlock = 64;

}  // namespace figment::kernels
