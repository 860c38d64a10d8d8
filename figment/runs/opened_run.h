#pragma once
#include <memory>

#include "figment/records/run_folder.h"
#include "figment/runs/engine.h"

namespace figment {

/// The averaged weights of the run's best checkpoint, in eval mode. Throws RunError, CheckpointError.
std::unique_ptr<OpenedRun> open_run(const RunFolder&, const std::string& device);

}  // namespace figment
