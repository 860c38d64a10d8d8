// Randomness that can be named: by (seed, purpose), or by a scope that leaves no trace.
#pragma once
#include <torch/torch.h>

#include <span>
#include <string_view>
#include <vector>

namespace figment {

using torch::Tensor;

/// Standard normal rows, one stream per (seed, purpose): row i depends on seeds[i] alone, and a shorter row is the
/// beginning of a longer one. [N, size] float, on the CPU.
/// Source   Philox 4x32-10 (Salmon et al. 2011), key = purpose, counter = (seed, position); Box-Muller. A counter keeps
///          all 2^64 seeds apart. The engine's Mersenne twister takes 32 bits of a seed: among 50,000 mixed seeds two
///          would draw the same picture in a quarter of all cases.
Tensor seeded_normal(std::span<const int64_t> seeds, int64_t size, std::string_view purpose);

/// The same streams as numbers in [0,1), multiples of 2^-32: [N, size] double, on the CPU.
Tensor seeded_uniform(std::span<const int64_t> seeds, int64_t size, std::string_view purpose);

/// Saves the default generators (of the CPU and of every CUDA device), seeds them, and puts them back: what happens
/// inside leaves no trace on the training.
class SeededScope {
 public:
  explicit SeededScope(uint64_t seed);
  ~SeededScope();
  SeededScope(const SeededScope&) = delete;
  SeededScope& operator=(const SeededScope&) = delete;

 private:
  std::vector<Tensor> states_;  // in the order of default_generators()
};

}  // namespace figment
