// The recipe that a command line asks for.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "figment/config/table.h"

namespace figment::cli {

struct TrainArguments {
  std::string what = {};                 ///< a model's name or the path of a recipe
  std::optional<std::string> data = {};  ///< the words that have a setting of their own
  std::optional<int64_t> seed = {};
  std::optional<int> processes = {}, threads = {};
  std::optional<std::string> device = {};
  bool strict = false;
  std::vector<std::string> parents = {};   ///< role=run
  std::vector<std::string> settings = {};  ///< table.key=value, the last one wins
};

struct AskedRecipe {
  Table recipe;
  std::vector<std::string> said = {};  ///< sentences: what was changed that nobody wrote
};

/// The model's own recipe, or the file's alone: no recipe lies hidden under a user's file. Of a recipe with stages each
/// gets the words that are meant for all; `settings` reach into one by its name. Where they change the length of a
/// training, training.images, its other lengths in images are scaled with it, except those that are given too: a
/// schedule keeps its shape, and a short training its reports. Intervals of reports and checkpoints are never made
/// longer. Every key and the data's name are checked here, so that a mistyped word is answered before the engine is
/// loaded. Throws ConfigError, DataError, FileError.
AskedRecipe recipe_for(const TrainArguments&);

/// The setting that somebody means who writes this as an option: "data.size=64" for "--size"; empty for other words.
std::string setting_meant_by(const std::string& option);

}  // namespace figment::cli
