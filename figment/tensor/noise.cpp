#include "figment/tensor/noise.h"

#include <ATen/core/PhiloxRNGEngine.h>

#include <cmath>
#include <mutex>
#include <numbers>

#include "figment/base/hash.h"

namespace figment {
namespace {

std::vector<at::Generator> default_generators() {
  std::vector<at::Generator> all{at::globalContext().defaultGenerator(at::kCPU)};
  const auto devices = at::DeviceIndex(torch::cuda::device_count());  // 0 without CUDA
  for (at::DeviceIndex i = 0; i < devices; ++i)
    all.push_back(at::globalContext().defaultGenerator(at::Device(at::kCUDA, i)));
  return all;
}

uint64_t key_of(std::string_view purpose) { return std::stoull(hash_of(purpose).substr(0, 16), nullptr, 16); }

}  // namespace

Tensor seeded_uniform(std::span<const int64_t> seeds, int64_t size, std::string_view purpose) {
  const uint64_t key = key_of(purpose);
  Tensor rows = torch::empty({int64_t(seeds.size()), size}, torch::kDouble);
  double* out = rows.data_ptr<double>();
  for (const int64_t seed : seeds) {
    at::philox_engine bits(key, uint64_t(seed));
    for (int64_t i = 0; i < size; ++i) *out++ = bits() * 0x1p-32;
  }
  return rows;
}

Tensor seeded_normal(std::span<const int64_t> seeds, int64_t size, std::string_view purpose) {
  const uint64_t key = key_of(purpose);
  Tensor rows = torch::empty({int64_t(seeds.size()), size});
  float* out = rows.data_ptr<float>();
  for (const int64_t seed : seeds) {
    at::philox_engine bits(key, uint64_t(seed));
    for (int64_t i = 0; i < size; i += 2) {
      const double radius = std::sqrt(-2 * std::log((bits() + 1.0) * 0x1p-32));  // of a number in (0,1]
      const double angle = 2 * std::numbers::pi * (bits() * 0x1p-32);
      *out++ = float(radius * std::cos(angle));
      if (i + 1 < size) *out++ = float(radius * std::sin(angle));
    }
  }
  return rows;
}

SeededScope::SeededScope(uint64_t seed) {
  for (at::Generator& generator : default_generators()) {
    const std::lock_guard lock(generator.mutex());
    states_.push_back(generator.get_state());
    generator.set_current_seed(seed);
  }
}

SeededScope::~SeededScope() {
  auto generators = default_generators();
  for (size_t i = 0; i < generators.size(); ++i) {
    const std::lock_guard lock(generators[i].mutex());
    generators[i].set_state(states_[i]);
  }
}

}  // namespace figment
