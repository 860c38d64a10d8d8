// Data that lie elsewhere than when a run began.
#pragma once
#include <string>

#include "figment/records/run_folder.h"

namespace figment {

/// Writes `source` into the recipes of the run, of its stages and of the copies of its parents, wherever they learned
/// from these very images: their hash must be the one that the manifest states. Other recipes stay as they are. Throws
/// DataError where the source cannot be opened, RunError where the images are those of none of them or where one of
/// them is a symbolic link; then nothing is written.
void move_data(const RunFolder& whole, const std::string& source);

}  // namespace figment
