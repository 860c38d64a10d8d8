// Several processes of this machine that train one model.
#pragma once
#include <functional>

#include "figment/contracts/event.h"

namespace figment {

/// Runs `work` in `count` processes, each with its rank in `world()` and one compute thread unless `threads` says more,
/// and returns when all have ended. What is in memory now they share, so data that are open are there once. The
/// listener hears, in this process, what process 0 tells. A signal that asks one of them or this process for an end
/// asks all; they agree on a step after which they stop.
/// Throws what `work` threw in one of them, and RunError where one was killed or lost; the others are then ended within
/// ten seconds. They are also ended when this process dies.
void in_processes(int count, int threads, EventSink& listener, const std::function<void(EventSink& listener)>& work);

}  // namespace figment
