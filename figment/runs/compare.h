// Measuring several runs alike.
#pragma once
#include "figment/runs/requests.h"

namespace figment {

/// Throws ConfigError for fewer than two runs, or where they learned from different images and none are named; RunError
/// for one that draws nothing.
Comparison compare_runs(const CompareRequest&, const std::string& device);

}  // namespace figment
