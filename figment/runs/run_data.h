// What a run learns from and is measured on.
#pragma once
#include <functional>

#include "figment/data/catalog.h"
#include "figment/runs/loaded_run.h"

namespace figment {

/// The images of [data]; or, where a parent makes codes, the codes that it makes of them, kept in the folder `cache` of
/// the numbered runs. `like` as for `open_dataset`.
std::unique_ptr<Dataset> open_run_data(const DataOptions&, Split, const Parents&, const std::filesystem::path& out,
                                       const DataSpec* like = nullptr, std::vector<SkippedFile>* skipped = nullptr);

/// Hands over the first `n` examples in order, in batches on the device, as often as it is called.
std::function<void(const std::function<void(const Batch&)>&)> first_batches(const Dataset&, int64_t n, torch::Device);

}  // namespace figment
