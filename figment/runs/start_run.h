// What a training needs, opened once: by the start of a new run, or when a run is resumed.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "figment/contracts/event.h"
#include "figment/data/catalog.h"
#include "figment/records/recipe.h"
#include "figment/records/run_folder.h"
#include "figment/runs/loaded_run.h"
#include "figment/runs/requests.h"

namespace figment {

/// The data of a training. Its files are opened and decoded by `open_data` and by nobody else until the training ends.
struct OpenedData {
  std::unique_ptr<Dataset> train = {}, validation = {};
  /// Where the run learns from codes and a classifier scores what it draws: the validation images themselves. Else
  /// null.
  std::unique_ptr<Dataset> images = {};
  std::vector<SkippedFile> skipped = {};  ///< files that cannot be read
  std::string test_hash = {};             ///< of the test split of the images; empty where there is none
  int64_t test = 0;                       ///< images of it, where it was opened
  std::vector<std::string> notes = {};    ///< sentences: what was left aside or chosen, and why

  /// The images with which samples are compared.
  const Dataset& real() const { return images ? *images : *validation; }
};

/// [data] of a run that has these settings and, where it learns from codes, a parent with those: the images are then
/// the parent's, and which grid of their codes is learned, the run says. Throws ConfigError for a setting that would be
/// ignored.
DataOptions data_options_of(const DataOptions& own, const DataOptions* parent);

/// `like`: the spec of a run that was begun, which the data must have; null for a new run, whose test images are opened
/// too, once, to know their hash. Throws DataError.
OpenedData open_data(const DataOptions&, const Parents&, const std::filesystem::path& out,
                     const DataSpec* like = nullptr, const Progress& go_on = {});

/// Tells the listener how far the reading of data is: progress named kLoading, its value the share done.
Progress told_loading(EventSink& listener);

/// A run with everything that its training reads.
struct ReadyRun {
  RunFolder folder;    ///< of a new run without a path in the processes that do not write it
  Recipe recipe = {};  ///< resolved
  DataSpec spec = {};
  torch::Device device = torch::kCPU;
  Parents parents = {};
  OpenedData data = {};
};

/// Makes the folder of a new run, there whole or not at all: calls the function with a folder to fill.
using NewFolder = std::function<RunFolder(const std::function<void(const std::filesystem::path& part)>& fill)>;

/// The numbered folder of a request, with its note: "0007-<name>", of no name the model's.
RunFolder new_run_folder(const TrainRequest&, const std::string& model,
                         const std::function<void(const std::filesystem::path& part)>& fill);

/// A new run: its folder holds everything but checkpoints. Nothing is written before recipe, data, parents and model
/// are known to fit; `new_folder` is called then. What the recipe leaves open is decided; its parents are folders, or
/// numbers in `out`. `opened`: the data of this recipe where they are open already. In a world of several processes all
/// of them start the run, process 0 makes its folder, and the others get a run without one. Throws ConfigError,
/// DataError, RunError.
ReadyRun start_run(Recipe, const std::string& command, const std::filesystem::path& out, const NewFolder& new_folder,
                   OpenedData opened = {}, const Progress& go_on = {});

/// Opens an existing run to resume it, in a world of several processes in each of them. `data`: where its images lie on
/// this machine, which may be another place than the recipe's. Throws RunError if its data are not those that it began
/// with, and by expect_stated_processes.
ReadyRun reopen_run(const RunFolder&, const Progress& go_on = {}, const std::optional<std::string>& data = {});

}  // namespace figment
