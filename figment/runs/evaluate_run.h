#pragma once
#include "figment/runs/loaded_run.h"
#include "figment/runs/requests.h"

namespace figment {

/// Measures every row of evaluation/metrics.cpp that applies. Figures of the run's own test split are kept in its
/// folder and shown by its report until training goes on; where it went on meanwhile they are not kept, and a warning
/// says so. Those of other images are kept beside them, in `evaluations`; of the first `count` other images they are
/// not kept. Throws DataError where the data cannot be measured, RunError and CheckpointError where the feature
/// extractor that is named has no features of these images, RunError when `go_on` cancels: then nothing was written.
Evaluation evaluate_run(const LoadedRun&, const EvaluateRequest&);

}  // namespace figment
