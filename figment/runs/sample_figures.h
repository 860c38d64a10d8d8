// Who judges what a run draws.
#pragma once
#include "figment/evaluation/evaluation.h"
#include "figment/runs/engine.h"
#include "figment/runs/loaded_run.h"

namespace figment {

/// Adds what `measure_samples` finds of `n` images that the run draws, judged by the classifier that the request names,
/// or by the newest finished one in the same folder of runs that was trained on the same images. Where the run draws no
/// images nothing is added; where there is no judge, a sentence that says how to train one.
/// Throws RunError when the run that is named cannot judge these images.
void add_sample_figures(LoadedRun&, const EvaluateRequest&, int64_t n, Evaluation&);

}  // namespace figment
