#include "figment/records/recipe.h"

#include <fmt/format.h>

#include <algorithm>

#include "figment/base/error.h"
#include "figment/base/printable.h"
#include "figment/base/text.h"
#include "figment/models/cards.h"
#include "figment/records/run_names.h"

namespace figment {

struct StageNames {
  std::vector<std::string> stages = {};
  static constexpr auto schema() {
    return fields(field<&StageNames::stages>("names of the tables that are recipes, in the order they are trained"));
  }
};
static_assert(complete<StageNames>());

namespace {

std::vector<std::string> role_names() {
  std::vector<std::string> names;
  for (const RoleRow& role : kRoles) names.emplace_back(role.name);
  return names;
}

std::map<std::string, std::string> parents_of(const Table& table) {
  std::map<std::string, std::string> parents;
  const Table runs = table.child("parents");
  for (const std::string& role : runs.keys()) {
    if (std::ranges::find(kRoles, role, &RoleRow::name) == kRoles.end())
      throw ConfigError(fmt::format("[parents] has no role '{}'{}", role,
                                    did_you_mean(role, role_names(), "known are " + listed(role_names()))));
    parents[role] = runs.text_at(role).value_or("");
  }
  return parents;
}

/// The names as the recipe has them. The run of a stage lies in a folder of its name, so each is checked here, before
/// anybody makes a path of it.
std::vector<std::string> stage_names(const Table& table) {
  std::vector<std::string> names = read<StageNames>(table, table.keys()).stages;
  for (const std::string& name : names) {
    expect_stage_name(name);
    if (std::ranges::count(names, name) > 1)
      throw ConfigError(fmt::format("stages: '{}' stands there twice; give each stage a name of its own", name));
  }
  return names;
}

bool needs(const Table& recipe, const std::string& stage) {
  return std::ranges::any_of(parents_of(recipe), [&](const auto& parent) { return parent.second == stage; });
}

}  // namespace

Recipe read_recipe(const Table& table) {
  table.read_into(nullptr, {}, {"model", "data", "training", "parents"});
  Recipe recipe;
  Table settings = table.child("model");
  const auto id = settings.text_at("id");
  if (!id) throw ConfigError("a recipe names its model: [model] id = \"vae\"; `figment models` lists them");
  recipe.model = model_card(*id).id;
  settings.erase("id");
  recipe.settings = model_card(recipe.model).resolve(settings);
  recipe.data = read<DataOptions>(table.child("data"));
  recipe.training = read<TrainingOptions>(table.child("training"));
  recipe.parents = parents_of(table);
  return recipe;
}

Table to_table(const Recipe& recipe) {
  Table model = recipe.settings, table;
  model.set("id", fmt::format("\"{}\"", recipe.model));
  table.put("model", model);
  write(table, "data", recipe.data);
  write(table, "training", recipe.training);
  for (const auto& [role, run] : recipe.parents)
    table.set_text("parents." + role, valid_utf8(run));  // to be read alone: a run has copies of its parents
  return table;
}

std::vector<std::string> read_stages(const Table& table) {
  const std::vector<std::string> names = stage_names(table);
  if (names.empty()) return {};
  read<StageNames>(table, names);  // nothing else may stand there
  for (size_t i = 0; i < names.size(); ++i) {
    if (!table.has(names[i])) throw ConfigError(fmt::format("stages: there is no table [{}]", names[i]));
    for (const auto& [role, run] : read_recipe(table.child(names[i])).parents)
      if (std::find(names.begin() + std::ptrdiff_t(i), names.end(), run) != names.end())
        throw ConfigError(fmt::format("[{}] parents.{}: '{}' is trained later; put it before '{}' in stages", names[i],
                                      role, run, names[i]));
  }
  return names;
}

Table map_stages(Table table, const std::function<void(Table&)>& f) {
  const std::vector<std::string> names = stage_names(table);
  if (names.empty()) f(table);
  for (const std::string& name : names) {
    Table recipe = table.child(name);
    f(recipe);
    table.put(name, recipe);
  }
  return table;
}

TrainingOptions training_of(const Table& table) {
  const std::vector<std::string> names = read_stages(table);
  return read_recipe(names.empty() ? table : table.child(names.front())).training;
}

Table with_parent(Table table, const std::string& role, const std::string& run) {
  std::vector<std::string> names = stage_names(table);
  bool asked = names.empty();  // a recipe of one run takes it as it is
  table = map_stages(std::move(table), [&](Table& recipe) {
    if (!names.empty() && !parents_of(recipe).contains(role)) return;
    recipe.set_text("parents." + role, run);
    asked = true;
  });
  if (!asked) throw ConfigError(fmt::format("no stage of this recipe has a parent '{}'", role));
  if (names.empty()) return table;
  for (size_t i = names.size() - 1; i-- > 0;) {
    const bool needed = std::any_of(names.begin() + std::ptrdiff_t(i) + 1, names.end(),
                                    [&](const std::string& later) { return needs(table.child(later), names[i]); });
    if (needed) continue;
    table.erase(names[i]);
    names.erase(names.begin() + std::ptrdiff_t(i));
  }
  if (names.size() == 1) return table.child(names.front());
  write(table, "", StageNames{names});
  return table;
}

}  // namespace figment
