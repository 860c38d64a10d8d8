#include "figment/data/random.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace figment {
namespace {

constexpr uint64_t kWaits = 4;  // a stream of its own; changing it changes the order of every run on shards
constexpr uint64_t kGolden = 0x9e3779b97f4a7c15;  // 2^64 divided by the golden ratio

uint64_t scrambled(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

uint64_t mixed(uint64_t a, uint64_t b) { return scrambled(scrambled(a + kGolden) + b + kGolden); }

std::vector<int64_t> permutation(int64_t size, uint64_t seed) {
  std::vector<int64_t> order(static_cast<size_t>(size));
  std::iota(order.begin(), order.end(), 0);
  for (size_t left = order.size(); left > 1; --left) {
    seed += kGolden;
    const auto chosen = static_cast<size_t>((static_cast<unsigned __int128>(scrambled(seed)) * left) >> 64);
    std::swap(order[chosen], order[left - 1]);
  }
  return order;
}

std::vector<int64_t> permutation_of_runs(int64_t size, int64_t run, uint64_t seed) {
  const int64_t runs = run > 1 ? (size + run - 1) / run : size;
  if (run <= 1 || runs <= kRunsMixed) return permutation(size, seed);
  const std::vector<int64_t> order_of_runs = permutation(runs, seed);
  const uint64_t waits = mixed(seed, kWaits);        // not the numbers that decide how an example is cropped
  std::vector<std::pair<uint64_t, int64_t>> places;  // runs and parts of them, 2^32 to a run
  places.reserve(size_t(size));
  for (size_t k = 0; k < order_of_runs.size(); ++k)
    for (int64_t i = order_of_runs[k] * run; i < std::min(size, (order_of_runs[k] + 1) * run); ++i)
      places.emplace_back((uint64_t(k) << 32) + (mixed(waits, uint64_t(i)) >> 32) * uint64_t(kRunsMixed), i);
  std::ranges::sort(places);
  std::vector<int64_t> order;
  order.reserve(size_t(size));
  for (const auto& [place, number] : places) order.push_back(number);
  return order;
}

}  // namespace figment
