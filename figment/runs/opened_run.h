#pragma once
#include <memory>

#include "figment/records/run_folder.h"
#include "figment/runs/engine.h"

namespace figment {

/// The averaged weights of a checkpoint of the run, as `load_run` takes it, in eval mode. Throws RunError,
/// CheckpointError.
std::unique_ptr<OpenedRun> open_run(const RunFolder&, const std::string& device,
                                    const std::string& checkpoint = std::string(kBestCheckpoint));

}  // namespace figment
