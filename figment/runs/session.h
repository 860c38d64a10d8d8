// One training from its first image, or from where it was stopped, to its report.
#pragma once
#include <memory>

#include "figment/base/file.h"
#include "figment/data/loader.h"
#include "figment/runs/engine.h"
#include "figment/runs/event_file.h"
#include "figment/runs/instance.h"
#include "figment/runs/run_folder.h"
#include "figment/runs/tensorboard.h"
#include "figment/training/trainer.h"

namespace figment {

/// A new run, with everything in it but checkpoints. Nothing is written before recipe, data, parents and model are
/// known to fit; `make_folder` is called then. `out`: the folder that numbers of runs refer to. The recipe is resolved.
RunFolder start_run(Recipe, const std::string& command, const std::filesystem::path& out,
                    const std::function<RunFolder()>& make_folder);

/// Trains the run to its end. Killed at any instant and called again, it ends with the same safetensors files, byte for
/// byte, as if it had never been interrupted: what counts is state of the trainer, and everything drawn for previews
/// and scores is drawn inside a saved-and-restored generator. Throws Interrupted (after saving) when a signal asked for
/// a stop, RunError where another process trains it.
void train_run(const RunFolder&, EventSink& listener);

}  // namespace figment
