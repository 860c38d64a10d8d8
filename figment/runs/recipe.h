// What a run is made of: a model with its settings, data, training.
#pragma once
#include <string>

#include "figment/config/table.h"
#include "figment/data/options.h"
#include "figment/training/options.h"

namespace figment {

struct Recipe {
  std::string model = {};  ///< id
  Table settings = {};     ///< [model] without its id, every default written out
  DataOptions data = {};
  TrainingOptions training = {};
};

/// Reads and checks all three tables, the model's settings too. Throws ConfigError.
Recipe read_recipe(const Table&);

/// The recipe with every setting written out: what a run keeps, and what `figment train <file>` runs again.
Table to_table(const Recipe&);

}  // namespace figment
