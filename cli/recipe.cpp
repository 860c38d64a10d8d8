#include "cli/recipe.h"

#include <fmt/format.h>

#include <filesystem>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/text.h"
#include "figment/data/source.h"
#include "figment/models/cards.h"
#include "figment/records/recipe.h"

namespace figment::cli {
namespace fs = std::filesystem;
namespace {

Table base_of(const std::string& what) {
  const fs::path path = what;
  std::error_code ignored;  // a name the system cannot even look up is no file
  if (fs::is_regular_file(path, ignored)) return Table::load(path);
  if (path.extension() == ".toml" || path.has_parent_path())
    throw ConfigError(fmt::format(
        "there is no recipe '{}'{}", what,
        did_you_mean(what, names_beside(path, [](const auto& file) { return file.path().extension() == ".toml"; }),
                     "`figment models` lists the models that train without a recipe file")));
  return Table::parse(model_card(what).recipe, "recipe of " + what);
}

}  // namespace

Table recipe_for(const TrainArguments& arguments) {
  Table all = map_stages(base_of(arguments.what), [&](Table& recipe) {
    if (arguments.data) recipe.set_text("data.source", *arguments.data);
    if (arguments.seed) recipe.set("training.seed", std::to_string(*arguments.seed));
    if (arguments.threads) recipe.set("training.threads", std::to_string(*arguments.threads));
    if (arguments.device) recipe.set_text("training.device", *arguments.device);
    if (arguments.strict) recipe.set("data.strict", "true");
  });
  for (const std::string& setting : arguments.settings) all.assign(setting);
  for (const std::string& parent : arguments.parents) {
    const size_t equals = parent.find('=');
    if (equals == std::string::npos)
      throw ConfigError(fmt::format("--parent '{}': write role=RUN, for instance codes=runs/3", parent));
    const std::string role = parent.substr(0, equals);
    if (role == kCodesRole && arguments.data)
      throw ConfigError("--data beside --parent codes=RUN: a prior learns on the images of that run; leave out --data");
    all = with_parent(std::move(all), role, parent.substr(equals + 1));
  }
  read_stages(all);
  map_stages(all, [](Table& recipe) { find_source(read_recipe(recipe).data.source); });
  return all;
}

}  // namespace figment::cli
