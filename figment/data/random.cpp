#include "figment/data/random.h"

#include <numeric>
#include <utility>

namespace figment {
namespace {

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

}  // namespace figment
