#include "figment/runs/recipe.h"

#include <fmt/format.h>

#include "figment/base/error.h"
#include "figment/models/cards.h"

namespace figment {

Recipe read_recipe(const Table& table) {
  table.read_into(nullptr, {}, {"model", "data", "training"});
  Recipe recipe;
  Table settings = table.child("model");
  const auto id = settings.text_at("id");
  if (!id) throw ConfigError("a recipe names its model: [model] id = \"vae\"; `figment models` lists them");
  recipe.model = model_card(*id).id;
  settings.erase("id");
  recipe.settings = model_card(recipe.model).resolve(settings);
  recipe.data = read<DataOptions>(table.child("data"));
  recipe.training = read<TrainingOptions>(table.child("training"));
  const TrainingOptions& t = recipe.training;
  if (t.batch_size % t.micro_batches != 0)
    throw ConfigError(
        fmt::format("[training]: micro_batches must divide batch_size, got {} and {}", t.micro_batches, t.batch_size));
  return recipe;
}

Table to_table(const Recipe& recipe) {
  Table model = recipe.settings, table;
  model.set("id", fmt::format("\"{}\"", recipe.model));
  table.put("model", model);
  write(table, "data", recipe.data);
  write(table, "training", recipe.training);
  return table;
}

}  // namespace figment
