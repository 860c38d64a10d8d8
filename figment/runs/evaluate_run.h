#pragma once
#include "figment/runs/loaded_run.h"
#include "figment/runs/requests.h"

namespace figment {

/// Measures every row of evaluation/metrics.cpp that applies. Figures of the run's own test split are kept in its
/// folder and shown by its report until training goes on; where it went on meanwhile they are not kept, and a warning
/// says so. Those of other images are kept beside them, in `evaluations`. Throws DataError where the data cannot be
/// measured, RunError and CheckpointError where the feature extractor that is named has no features of these images,
/// RunError when `go_on` cancels: then nothing was written.
Evaluation evaluate_run(const LoadedRun&, const EvaluateRequest&);

/// Whether the images that are measured are among those that a run with this [data] learned from, as far as the request
/// says it. `own`: of a run that learned from codes, [data] of the images that they are made of.
bool learned_from(const DataOptions& own, const EvaluateRequest&);

}  // namespace figment
