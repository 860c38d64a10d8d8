// Small helpers on tensors that every room shares.
#pragma once
#include <torch/torch.h>

#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

namespace figment {

using torch::Tensor;

/// Throws ShapeError `where: what must be [*, 64, *, *], got [16, 32, 8, 8]`; -1 matches any extent.
void expect_shape(const Tensor&, std::initializer_list<int64_t> extents, std::string_view where, std::string_view what);

inline Tensor to_unit(const Tensor& x) { return (x + 1) / 2; }    ///< [-1,1] to [0,1]
inline Tensor to_signed(const Tensor& x) { return 2 * x - 1; }    ///< [0,1] to [-1,1]

/// Standard normal rows, one stream per (seed, purpose): row i depends on seeds[i] alone. [N, size] float, on the CPU.
Tensor seeded_normal(std::span<const int64_t> seeds, int64_t size, std::string_view purpose);

/// Saves the default generators, seeds them, and puts them back: what happens inside leaves no trace on the training.
class SeededScope {
 public:
  explicit SeededScope(uint64_t seed);
  ~SeededScope();
  SeededScope(const SeededScope&) = delete;
  SeededScope& operator=(const SeededScope&) = delete;
 private:
  Tensor cpu_;
};

/// bf16 autocast of the forward pass while in scope; nothing when `on` is false.
class Autocast {
 public:
  Autocast(bool on, torch::DeviceType device);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;
 private:
  torch::DeviceType device_;
  bool on_, was_ = false;
};

/// Turns autocast off while in scope: likelihoods, distances and penalties are computed in fp32 whatever the precision.
class FullPrecision {
 public:
  explicit FullPrecision(torch::DeviceType device);
  ~FullPrecision();
  FullPrecision(const FullPrecision&) = delete;
  FullPrecision& operator=(const FullPrecision&) = delete;
 private:
  torch::DeviceType device_;
  bool was_ = false;
};

/// [N,C,H,W] in [-1,1] to rows of pictures with `gap` pixels of `gap_value` between: [C, rows*(H+gap)+gap, …] uint8.
Tensor image_grid(const Tensor& x, int64_t columns, int64_t gap = 2);

/// [C,H,W] uint8 tensor ⇄ [H,W,C] bytes; rounding of [-1,1] to the 256 levels.
Tensor to_bytes(const Tensor& x);     ///< [-1,1] float to uint8, nearest level, same shape

}  // namespace figment
