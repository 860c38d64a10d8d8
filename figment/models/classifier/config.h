#pragma once
#include "figment/contracts/optimizer.h"
#include "figment/models/cards.h"

namespace figment::classifier {

inline constexpr Card kCard{.title = "Image classifier",
                            .paper = "doi:10.1109/5.726791",
                            .year = 1998,
                            .summary = "Names the class of an image; its last layer measures what other models draw."};

struct Config {
  int64_t width = 32, features = 128;
  Optimizer optimizer = {.learning_rate = 2e-3};
  static constexpr auto schema() {
    return fields(field<&Config::width>("channels of the first convolution; the second has twice as many", {1, 1024}),
                  field<&Config::features>("numbers of the last layer before the classes", {1, 8192}),
                  field<&Config::optimizer>("optimizer"));
  }
};
static_assert(complete<Config>(), "schema() must list every member");

}  // namespace figment::classifier
