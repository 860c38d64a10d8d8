// In which precision the operators inside a scope compute. Scopes nest; each puts back what it found.
#pragma once
#include <torch/torch.h>

namespace figment {

/// bf16 and fp16 become fp32; fp32 and fp64 stay as they are. Objectives, distances and searches are computed in fp32
/// at least, whatever precision the networks ran in.
inline torch::Tensor at_least_fp32(const torch::Tensor& t) {
  return at::isReducedFloatingType(t.scalar_type()) ? t.to(torch::kFloat) : t;
}

/// Whether the device has instructions for products in bf16: without them they are slower than in fp32.
bool multiplies_bf16(torch::DeviceType device);

/// bf16 autocast of the forward pass while in scope; nothing when `on` is false. The backward pass follows by itself;
/// parameters, optimizer and averages stay fp32.
class Autocast {
 public:
  Autocast(bool on, torch::DeviceType device);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  torch::DeviceType device_;
  bool on_, was_ = false;
  torch::ScalarType was_type_ = torch::kFloat;
};

/// Turns autocast off while in scope: likelihoods, distances and penalties are computed in fp32 whatever the precision.
/// What comes in from an autocast layer is still bf16: convert it with `.to(torch::kFloat)`.
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

}  // namespace figment
