// The length of a training that was begun.
#pragma once
#include <string>

#include "figment/records/run_folder.h"

namespace figment {

/// Writes another training.images into the run's recipe; a finished run is then unfinished. Every other length stays.
/// The schedule follows from the new length. Returns a sentence that says how the learning rate goes on. Throws
/// ConfigError where the run has seen as many images already or holds stages, RunError where another process trains it.
std::string set_length(const RunFolder&, int64_t images);

}  // namespace figment
