// What a run is made of: a model with its settings, data, training, and the runs it stands on. Free of the engine.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "figment/config/table.h"
#include "figment/data/options.h"
#include "figment/training/options.h"

namespace figment {

/// The role of a parent that makes codes of the run's images, and of one in whose features is measured what the run
/// draws.
inline constexpr const char *kCodesRole = "codes", *kFeaturesRole = "features";

struct Recipe {
  std::string model = {};  ///< id
  Table settings = {};     ///< [model] without its id, every default written out
  DataOptions data = {};
  TrainingOptions training = {};
  /// [parents]: role to run. kCodesRole: the run learns from the codes that this one makes of its images; [data] is
  /// then that of the parent. kFeaturesRole: the best checkpoint is the one whose samples are nearest by these
  /// features.
  std::map<std::string, std::string> parents = {};
};

/// Reads and checks all tables, the model's settings too. Throws ConfigError.
Recipe read_recipe(const Table&);

/// The recipe with every setting written out: what a run keeps, and what `figment train <file>` runs again.
Table to_table(const Recipe&);

/// A recipe of several runs, one after the other:
///   stages = ["codes", "prior"]
///   [codes.model] … [codes.training] …
///   [prior] parents = { codes = "codes" }    a stage before this one, or a run
/// The names in their order; empty for a recipe of one run. Throws ConfigError where a name has no table, a table no
/// name, or a recipe among them is wrong.
std::vector<std::string> read_stages(const Table&);

/// The recipe itself, or that of each of its stages, is put through `f`: words of the command line that are meant for
/// all of them.
Table map_stages(Table, const std::function<void(Table&)>& f);

/// [training] of the recipe, of the first of its stages: what the process needs to know before the engine loads.
TrainingOptions training_of(const Table&);

/// The recipe on a run that is there already: whichever stage asks for this role gets it, and stages that nobody asks
/// for any more are dropped. Throws ConfigError where no stage has this role.
Table with_parent(Table, const std::string& role, const std::string& run);

}  // namespace figment
