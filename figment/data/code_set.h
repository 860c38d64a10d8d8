// The codes of a frozen encoder as a data set: what a prior learns from.
#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "figment/contracts/capabilities.h"
#include "figment/contracts/dataset.h"

namespace figment {

/// Every image of `images` through the encoder, once: x is its grid of codes, the conditions are the image's. The codes
/// are kept in `cache` under the hash of encoder and images, so that the next run reads them. `encoder` is the hash of
/// its weights. Throws DataError where the encoder makes more than one grid.
std::unique_ptr<Dataset> code_set(const Dataset& images, EncodesDiscrete&, const std::string& encoder, torch::Device,
                                  const std::filesystem::path& cache);

}  // namespace figment
