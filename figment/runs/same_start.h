// Whether the processes of a training, each started on its machine, were all started for the same training.
#pragma once
#include "figment/runs/start_run.h"

namespace figment {

/// Compares what decides the bits of the training with what process 0 has: the versions, the recipe, its data and the
/// weights of its parents, wherever they lie. A call of all processes. Throws RunError, in the process that differs
/// with the line in which it does.
void expect_same_start(const ReadyRun&);

}  // namespace figment
