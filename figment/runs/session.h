// One training from its first image, or from its last checkpoint, to its report.
#pragma once
#include <optional>
#include <string>

#include "figment/contracts/event.h"
#include "figment/runs/start_run.h"

namespace figment {

/// Trains the run to its end. Killed at any instant and resumed, it ends with the same safetensors files, byte for
/// byte, as if it had never been interrupted: everything that decides them is in the checkpoint, and previews and
/// scores draw inside a generator that is put back afterwards. Throws Interrupted (after saving) when a signal asked
/// for an end, which it looks for in previews and scores too, RunError where another process trains the run. In a world
/// of several processes each of them calls it with the run that it has started; else as many as the recipe asks for are
/// made here.
void train_run(ReadyRun, EventSink& listener);

/// The same for a run that was begun: opens what it needs, then goes on from its last checkpoint. `data`: as that of
/// `reopen_run`.
void resume_run(const RunFolder&, EventSink& listener, const std::optional<std::string>& data = {});

}  // namespace figment
