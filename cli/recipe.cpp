#include "cli/recipe.h"

#include <fmt/format.h>

#include <filesystem>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/text.h"
#include "figment/config/json.h"
#include "figment/data/source.h"
#include "figment/models/cards.h"
#include "figment/runs/recipe.h"

namespace figment::cli {
namespace fs = std::filesystem;
namespace {

/// A TOML string, whatever the letters: a folder may be called 123 or true.
std::string quoted(const std::string& text) { return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace); }

Table base_of(const std::string& what) {
  const fs::path path = what;
  std::error_code ignored;  // a name the system cannot even look up is no file
  if (fs::is_regular_file(path, ignored)) return Table::load(path);
  if (path.extension() == ".toml" || path.has_parent_path())
    throw ConfigError(fmt::format(
        "there is no recipe '{}'{}", what,
        did_you_mean(what, names_beside(path, [](const auto& file) { return file.path().extension() == ".toml"; }),
                     "`figment models` lists what needs none")));
  return Table::parse(model_card(what).recipe, "recipe of " + what);
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
  find_source(read_recipe(recipe).data.source);
  return recipe;
}

}  // namespace figment::cli
