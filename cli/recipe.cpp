#include "cli/recipe.h"

#include <filesystem>

#include "figment/base/error.h"
#include "figment/base/text.h"
#include "figment/config/json.h"
#include "figment/data/options.h"
#include "figment/models/cards.h"

namespace figment::cli {
namespace {

/// A TOML string, whatever the letters: a folder may be called 123 or true.
std::string quoted(const std::string& text) { return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace); }

Table base_of(const std::string& what) {
  const std::filesystem::path path = what;
  if (path.extension() == ".toml" || path.has_parent_path() || std::filesystem::is_regular_file(path))
    return Table::load(path);
  return Table::parse(model_card(what).recipe, "recipe of " + what);
}

void check(const Table& recipe) {
  static const std::vector<std::string> kTables = {"model", "data", "training"};
  for (const std::string& key : recipe.keys())
    if (std::find(kTables.begin(), kTables.end(), key) == kTables.end())
      throw ConfigError("a recipe has no [" + key + "]" + did_you_mean(key, kTables, "it has " + listed(kTables)));
  const Table model = recipe.child("model");
  const auto id = model.text_at("id");
  if (!id) throw ConfigError("the recipe names no model; write id = \"vae\" under [model]");
  model_card(*id).check(model);
  read<DataOptions>(recipe.child("data"));
  training_of(recipe);
}

}  // namespace

Table recipe_for(const Asked& asked) {
  Table recipe = base_of(asked.what);
  if (asked.data) recipe.set("data.source", quoted(*asked.data));
  if (asked.seed) recipe.set("training.seed", std::to_string(*asked.seed));
  if (asked.threads) recipe.set("training.threads", std::to_string(*asked.threads));
  if (asked.device) recipe.set("training.device", quoted(*asked.device));
  if (asked.strict) recipe.set("data.strict", "true");
  for (const std::string& setting : asked.settings) recipe.assign(setting);
  check(recipe);
  return recipe;
}

TrainingOptions training_of(const Table& recipe) { return read<TrainingOptions>(recipe.child("training")); }

}  // namespace figment::cli
