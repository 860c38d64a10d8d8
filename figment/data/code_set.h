// The codes of a frozen encoder as a data set: what a prior learns from.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "figment/base/progress.h"
#include "figment/contracts/capabilities.h"
#include "figment/contracts/dataset.h"

namespace figment {

/// What `code_set` makes of images like these: x is grid number `grid` of their codes (0 is the coarsest), the
/// conditions are the images' and, as Condition::codes, the coarser grids. Throws ConfigError where there is no such
/// grid.
DataSpec code_spec(const DataSpec& images, const EncodesDiscrete&, int64_t grid);

/// Every image of `images` through the encoder, once, as `code_spec` describes it. All grids and conditions are kept in
/// `cache` under the hash of encoder and images, so that the next run reads them. `weights` is the hash of the
/// encoder's. A damaged cache is made anew, and a sentence is added to `notes`. The images must not be augmented: each
/// is encoded as its draw shows it. Throws ConfigError where there is no such grid, RunError where `go_on` cancels.
std::unique_ptr<Dataset> code_set(const Dataset& images, EncodesDiscrete&, const std::string& weights, torch::Device,
                                  const std::filesystem::path& cache, int64_t grid = 0,
                                  std::vector<std::string>* notes = nullptr, const Progress& go_on = {});

}  // namespace figment
