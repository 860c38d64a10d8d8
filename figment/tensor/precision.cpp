#include "figment/tensor/precision.h"

#include <ATen/autocast_mode.h>

namespace figment {

bool multiplies_bf16(torch::DeviceType device) {
#if defined(__x86_64__)
  return device != torch::kCPU || __builtin_cpu_supports("avx512bf16");
#else
  return device != torch::kCPU;
#endif
}

Autocast::Autocast(bool on, torch::DeviceType device) : device_(device), on_(on) {
  if (!on_) return;
  was_ = at::autocast::is_autocast_enabled(device_);
  was_type_ = at::autocast::get_autocast_dtype(device_);
  at::autocast::set_autocast_dtype(device_, at::kBFloat16);
  at::autocast::set_autocast_enabled(device_, true);
  at::autocast::increment_nesting();
}

Autocast::~Autocast() {
  if (!on_) return;
  if (at::autocast::decrement_nesting() == 0)
    at::autocast::clear_cache();  // of weights in bf16: they change at each step
  at::autocast::set_autocast_enabled(device_, was_);
  at::autocast::set_autocast_dtype(device_, was_type_);
}

FullPrecision::FullPrecision(torch::DeviceType device)
    : device_(device), was_(at::autocast::is_autocast_enabled(device)) {
  at::autocast::set_autocast_enabled(device_, false);
}

FullPrecision::~FullPrecision() { at::autocast::set_autocast_enabled(device_, was_); }

}  // namespace figment
