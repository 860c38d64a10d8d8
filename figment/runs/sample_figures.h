// Who judges what a run draws.
#pragma once
#include "figment/contracts/capabilities.h"
#include "figment/contracts/dataset.h"
#include "figment/evaluation/evaluation.h"
#include "figment/runs/engine.h"
#include "figment/runs/loaded_run.h"

namespace figment {

/// Throws RunError where `judge` has no features of such images; `named` begins the sentence.
void expect_judge(const LoadedRun& judge, const DataSpec& images, std::string_view named);

/// Frechet distance between all images of `real` and as many that are drawn from the seeds 0, 1, …, in the features of
/// `judge`; nothing where there are not more images than features. What the best checkpoint has least of, where a run
/// has a parent `features`.
std::optional<double> sample_distance(Samples&, const LoadedRun& judge, const Dataset& real);

/// Who judges what the run draws, unless somebody is named: the classifier that chose its best checkpoint, or the
/// newest finished one of the same images in the folder of runs. Nothing is loaded.
std::optional<RunFolder> judge_of(const RunFolder&);

/// Adds what `measure_samples` finds of `n` images that the run draws, judged by the classifier or the Inception
/// network that the request names, or by `judge_of`. Where the run draws no images nothing is added; where there is no
/// judge, a sentence that says how to get one. Throws RunError when the run that is named cannot judge these images,
/// CheckpointError when the file does not hold the network.
void add_sample_figures(LoadedRun&, const EvaluateRequest&, int64_t n, Evaluation&);

}  // namespace figment
