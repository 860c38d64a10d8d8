// How whatever takes long says how far it is, and hears that it is not wanted any more.
#pragma once
#include <functional>

#include "figment/base/error.h"

namespace figment {

/// Called now and then by whatever takes long, in the thread that asked for it, with the share done: from 0 to 1, never
/// falling. False cancels.
using Progress = std::function<bool(double done)>;

/// Throws RunError("cancelled") where the caller cancels; does nothing where nobody listens.
inline void report_progress(const Progress& go_on, double done) {
  if (go_on && !go_on(done)) throw RunError("cancelled");
}

/// The progress of a part: it goes from `from` to `to` of the whole. Nothing where nobody listens to the whole.
inline Progress part_of_progress(const Progress& whole, double from, double to) {
  if (!whole) return {};
  return [=](double done) { return whole(from + (to - from) * done); };
}

}  // namespace figment
