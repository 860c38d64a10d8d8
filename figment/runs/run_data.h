// What a run learns from and is measured on.
#pragma once
#include <functional>

#include "figment/data/catalog.h"
#include "figment/runs/loaded_run.h"

namespace figment {

/// Some splits of what a run learns from.
struct RunSets {
  Datasets sets = {};
  Datasets images = {};  ///< where the sets are codes: the images that they are made of; else empty
};

/// The images of [data]; or, where a parent makes codes, the codes that it makes of them, kept in the folder `cache` of
/// the numbered runs: each image is then encoded once, as it is. Each file is opened once for all splits.
RunSets open_run_sets(const DataOptions&, const std::vector<Split>&, const Parents&, const std::filesystem::path& out,
                      const Opening&);

/// How a split is opened to be measured: as it is, neither cropped at random nor flipped, and like the run's data. A
/// model that is given no class, and names none, is measured on images of any classes. The pointers are not null.
Opening opening_to_measure(const LoadedRun&, const DataSpec& like, std::vector<std::string>* notes,
                           std::vector<SkippedFile>* skipped, const Progress& go_on, int64_t most = 0);

/// One split of these data to be measured. `most` as for `Opening`. `notes` gets the sentences that say what was left
/// aside or chosen, each once.
std::unique_ptr<Dataset> open_run_data(const LoadedRun&, const DataOptions&, Split, std::vector<std::string>& notes,
                                       const Progress& go_on, int64_t most = 0);

/// The part of a verb's progress in which images are read, where reading them tells how far it is.
inline constexpr double kOfLoading = 0.2;

/// What the run's manifest states of its data under this name ("hash", "test_hash"); empty where it states nothing.
std::string stated_of_data(const RunFolder&, const char* name);

/// The hash that the run states of this split of its images; empty for all of them, and in a run of an earlier figment
/// that states none.
std::string stated_hash(const RunFolder&, Split);

/// The first examples in order, at most `most`, as one batch; each example's draw seed is its index.
Batch first_examples(const Dataset&, int64_t most);

/// Hands over the first `n` examples in order, in batches on the device, as often as it is called.
std::function<void(const std::function<void(const Batch&)>&)> first_batches(const Dataset&, int64_t n, torch::Device);

}  // namespace figment
