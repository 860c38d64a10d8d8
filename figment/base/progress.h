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

}  // namespace figment
