// Settings of sampling, free of the engine.
#pragma once
#include "figment/config/field.h"

namespace figment {

struct SampleOptions {
  double temperature = 1, top_p = 1, truncation = 0;
  int64_t top_k = 0;
  static constexpr auto schema() {
    return fields(
        field<&SampleOptions::temperature>("below 1: likelier, less varied samples; above 1: the reverse", {0, 10}),
        field<&SampleOptions::top_p>(
            "top-p (nucleus) sampling: among the most probable values that together have this probability", {0, 1}),
        field<&SampleOptions::truncation>(
            "truncation of the latent vector's normal distribution to |z| below this; 0 for none", {0, 10}),
        field<&SampleOptions::top_k>("top-k sampling: among the k most probable values, 0 for all", {0, 65536}));
  }
};
static_assert(complete<SampleOptions>());

}  // namespace figment
