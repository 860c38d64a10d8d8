// A recipe of several runs, one after the other.
#pragma once
#include "figment/runs/engine.h"
#include "figment/runs/run_folder.h"

namespace figment {

/// A new numbered folder that holds the recipe with every stage's settings written out. Nothing else is in it yet.
RunFolder start_stages(const TrainRequest&, int threads);

/// Trains the stages that are not finished, in order; each is a run and is continued as one: killed at any instant and
/// called again, all end with the same bytes. A stage begins once those before it are done, since its data may be what
/// they make.
void train_stages(const RunFolder&, EventSink& listener);

}  // namespace figment
