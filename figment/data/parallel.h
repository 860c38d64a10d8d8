// Work on many files or pictures at once while a data set is opened.
#pragma once
#include <cstdint>
#include <functional>

#include "figment/base/progress.h"

namespace figment {

/// Calls `f` for 0 to count - 1 from as many threads as the machine grants, in no order, and waits. What `f` throws is
/// thrown here, after the other threads have finished what they had begun; so is Interrupted where a signal asks for an
/// end. `go_on` is told the share done several times a second; where it cancels, RunError is thrown.
void in_parallel(int64_t count, const std::function<void(int64_t)>& f, const Progress& go_on = {});

}  // namespace figment
