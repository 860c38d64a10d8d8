// Settings of the augmentation, free of the engine.
#pragma once
#include "figment/config/field.h"

namespace figment {

struct AugmentOptions {
  bool colour = false, translation = false, cutout = false;
  static constexpr auto schema() {
    return fields(field<&AugmentOptions::colour>("random brightness, saturation and contrast"),
                  field<&AugmentOptions::translation>("random translation by up to an eighth of each side"),
                  field<&AugmentOptions::cutout>("a grey square of half the sides at a random place"));
  }
};
static_assert(complete<AugmentOptions>());

}  // namespace figment
