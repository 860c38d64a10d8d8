// How many processes train a run that was begun.
#pragma once
#include <string>
#include <vector>

#include "figment/records/run_folder.h"
#include "figment/training/options.h"

namespace figment {

/// Writes another training.processes, with the threads that a start would choose, into recipe and manifest of the run,
/// or of each of its stages that is not finished. From the last checkpoint on the bits are then others, as the training
/// says when it goes on. Where the processes cannot share a batch equally one process trains, as at a start: returns
/// the sentences that say so. Throws ConfigError for several processes on a GPU, RunError where another process trains
/// the run or a manifest is damaged; then nothing is written.
std::vector<std::string> set_processes(const RunFolder& whole, int64_t processes);

/// Throws what `set_processes` would throw for the run's settings and its manifest, before anything else is changed.
void expect_processes(const RunFolder& whole, int64_t processes);

/// Throws RunError where the recipe of the run names other numbers of processes and threads than its manifest: the bits
/// depend on them, so somebody must ask for the change. Also where several processes are here, and not so many.
void expect_stated_processes(const RunFolder&, const TrainingOptions&);

}  // namespace figment
