// Settings of the augmentation, free of the engine.
#pragma once
#include "figment/config/field.h"

namespace figment {

struct AugmentOptions {
  bool colour = false, translation = false, cutout = false;
  static constexpr auto schema() {
    return fields(field<&AugmentOptions::colour>("brightness, saturation and contrast by chance"),
                  field<&AugmentOptions::translation>("shifts by up to an eighth of each side"),
                  field<&AugmentOptions::cutout>("a grey square of half the sides"));
  }
};
static_assert(complete<AugmentOptions>());

}  // namespace figment
