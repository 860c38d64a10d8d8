// A recipe: what a run is made from. A model with its settings, data, training, and the runs that it uses. Free of the
// engine.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "figment/config/table.h"
#include "figment/data/options.h"
#include "figment/records/roles.h"
#include "figment/training/options.h"

namespace figment {

struct Recipe {
  std::string model = {};  ///< id
  Table settings = {};     ///< [model] without its id, every default written out
  DataOptions data = {};
  TrainingOptions training = {};
  /// [parents]: role to run, a row of roles.h. With `codes` the run learns from the codes that this one makes of its
  /// images, and [data] is that of the parent. With `features` the best checkpoint is the one whose samples are nearest
  /// by these features.
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
/// The names in their order; empty for a recipe of one run. Throws ConfigError where a name is not safe as that of a
/// folder of a run (run_names.h) or stands there twice, a name has no table, a table no name, or a recipe among them is
/// wrong.
std::vector<std::string> read_stages(const Table&);

/// Applies `f` to the recipe, or to each of its stages' recipes: for options of the command line that are meant for
/// all.
Table map_stages(Table, const std::function<void(Table&)>& f);

/// [training] of the recipe, of the first of its stages: what the process needs to know before the engine loads.
TrainingOptions training_of(const Table&);

/// The recipe with an existing run as the parent in this role: every stage that has the role uses that run, and stages
/// that no other stage needs any more are dropped. Throws ConfigError where no stage has this role.
Table with_parent(Table, const std::string& role, const std::string& run);

}  // namespace figment
