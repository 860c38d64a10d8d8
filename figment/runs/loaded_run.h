// A trained model, ready for use, with its parent runs.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "figment/contracts/model.h"
#include "figment/records/recipe.h"
#include "figment/records/run_folder.h"

namespace figment {

struct LoadedRun;
using Parents = std::map<std::string, LoadedRun>;  ///< by role

struct LoadedRun {
  RunFolder folder;
  Recipe recipe = {};
  DataSpec spec = {};
  torch::Device device = torch::kCPU;
  Parents parents = {};               ///< before the model, whose loss may use them
  std::unique_ptr<Model> model = {};  ///< in eval mode
  std::string checkpoint = {};        ///< which one was asked for: `best`, `last`, or a number of images
  int64_t images = 0;                 ///< seen by the checkpoint that was loaded
  std::string weights = {};           ///< hash of the file the weights come from
};

/// Weights of a checkpoint (RunFolder::images_of_checkpoint), averaged where an average is kept; its parents by the
/// same function. Where a training removes that checkpoint meanwhile, because another is the best or the last, it takes
/// the new one. Throws RunError where there is no such checkpoint or where a parent is not the one that the run was
/// trained on, CheckpointError for a damaged file, and ConfigError where OpenMP grants fewer threads than LibTorch
/// uses.
LoadedRun load_run(const RunFolder&, torch::Device, const std::string& checkpoint = std::string(kBestCheckpoint));
Parents load_parents(const RunFolder&, torch::Device);

/// Puts `parent` into `child` in this role: what sampling needs of it, hard links where the file system has them, so
/// the child does not need the parent's folder. Weights whose checkpoint a training has removed are written anew.
/// Returns the line of the child's manifest.
Json adopt(const RunFolder& child, const std::string& role, const LoadedRun& parent);

}  // namespace figment
