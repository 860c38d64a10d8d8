// Settings of the convolutional trunk, free of the engine.
#pragma once
#include "figment/config/field.h"

namespace figment {

struct ConvTrunk {
  int64_t width = 32, stages = 2, features = 256;
  static constexpr auto schema() {
    return fields(field<&ConvTrunk::width>("channels of the first stage; each further stage doubles them", {1, 1024}),
                  field<&ConvTrunk::stages>("stride-2 stages: each halves the image's sides", {1, 7}),
                  field<&ConvTrunk::features>("width of the dense layer beside the latent vector", {1, 8192}));
  }
};
static_assert(complete<ConvTrunk>());

}  // namespace figment
