// Settings of a draw, free of the engine.
#pragma once
#include "figment/config/field.h"

namespace figment {

struct SampleOptions {
  double temperature = 1, top_p = 1, truncation = 0;
  int64_t top_k = 0;
  static constexpr auto schema() {
    return fields(field<&SampleOptions::temperature>("scale of the randomness", {0, 10}),
                  field<&SampleOptions::top_p>("share of the probability mass that may be drawn", {0, 1}),
                  field<&SampleOptions::truncation>("largest |z|, 0 for none", {0, 10}),
                  field<&SampleOptions::top_k>("draw among the k most probable, 0 for all", {0, 65536}));
  }
};
static_assert(complete<SampleOptions>());

}  // namespace figment
