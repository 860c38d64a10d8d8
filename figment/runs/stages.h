// A recipe of several runs, one after the other.
#pragma once
#include <filesystem>

#include "figment/contracts/event.h"
#include "figment/records/run_folder.h"
#include "figment/runs/requests.h"

namespace figment {

/// Trains a recipe of stages in a new numbered folder, which holds the recipe with every setting written out and a run
/// for each stage, and returns the folder. What is wrong with any stage is said before anything is written. `threads`:
/// where the recipe leaves them open. Throws what `start_run` and `train_run` throw.
std::filesystem::path train_stages(const TrainRequest&, int threads, EventSink& listener);

/// Trains the stages that are not finished, in order; each is a run and is resumed as one: killed at any instant and
/// called again, all end with the same bytes. A stage begins once those before it are done, since its data may be what
/// they make.
void resume_stages(const RunFolder&, EventSink& listener);

}  // namespace figment
