// How fast a training is, for whoever watches.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

namespace figment {

/// Images a second: a mean that forgets within some 20 seconds. Times are seconds of one clock.
class Speed {
 public:
  Speed(int64_t images, double time) : images_(images), time_(time) {}

  /// The speed after so many images; nothing within a tenth of a second of the last answer, unless it is to be `now`.
  std::optional<double> after(int64_t images, double time, bool now) {
    constexpr double kPause = 0.1, kRecent = 20;
    const double passed = time - time_;
    if (passed < kPause && !now) return std::nullopt;
    const double rate = double(images - images_) / std::max(1e-9, passed);
    time_ = time, images_ = images;
    return rate_ = rate_ > 0 ? std::lerp(rate, rate_, std::exp(-passed / kRecent)) : rate;
  }

 private:
  int64_t images_;
  double time_, rate_ = 0;
};

}  // namespace figment
