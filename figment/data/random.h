// Seeds from seeds and orders from seeds, equal on every machine.
#pragma once
#include <cstdint>
#include <vector>

namespace figment {

/// SplitMix64 of a pair (Steele et al. 2014, "Fast splittable pseudorandom number generators"): seeds from seeds.
uint64_t mixed(uint64_t a, uint64_t b);

/// The numbers 0 to size - 1 in an order that `seed` decides (Fisher-Yates).
std::vector<int64_t> permutation(int64_t size, uint64_t seed);

}  // namespace figment
