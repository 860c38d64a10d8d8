// Seeds from seeds and orders from seeds, equal on every machine.
#pragma once
#include <cstdint>
#include <vector>

namespace figment {

/// SplitMix64 of a pair (Steele et al. 2014, "Fast splittable pseudorandom number generators"): seeds from seeds.
uint64_t mixed(uint64_t a, uint64_t b);

/// The numbers 0 to size - 1 in an order that `seed` decides (Fisher-Yates).
std::vector<int64_t> permutation(int64_t size, uint64_t seed);

/// How many runs of neighbours are mixed with each other.
inline constexpr int64_t kRunsMixed = 32;

/// Such an order in which neighbours stay near each other. `run` numbers in a row are a run (0 to run - 1, and so on).
/// The runs come in an order that `seed` decides, and each number is put back by a random time of up to kRunsMixed
/// runs. So whoever reads them in this order has about kRunsMixed runs at hand, a new one for each that ends. Where
/// there are no more runs than that, and for a run of 1, it is `permutation`.
std::vector<int64_t> permutation_of_runs(int64_t size, int64_t run, uint64_t seed);

}  // namespace figment
