// Opening the library that computes.
#pragma once
#include <memory>
#include <string>

#include "cli/options.h"
#include "figment/runs/engine.h"

namespace figment::cli {

/// Prepares this process for computing (how threads wait, how memory is kept), then loads libfigment: the one that
/// FIGMENT_LIBRARY names, else the one beside the program, else the one of the installation. It is called once, by a
/// verb that computes; loading takes half a second. Throws FileError when the library is missing, ConfigError for a
/// device that is none.
Engine& open_engine(const EngineOptions&);

/// The run that was asked for, ready.
std::unique_ptr<OpenedRun> open_run(const Common&, const RunArgument&);

}  // namespace figment::cli
