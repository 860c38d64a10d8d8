#include "cli/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <span>
#include <utility>

#include "cli/lengths.h"
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
  const auto is_model = [&](const ModelCard& card) { return card.id == model_and_recipe(what).first; };
  if (std::ranges::any_of(model_cards(), is_model)) return Table::parse(recipe_text(what), "recipe of " + what);
  if (path.extension() == ".toml" || path.has_parent_path())
    throw ConfigError(fmt::format(
        "there is no recipe '{}'{}", what,
        did_you_mean(what, names_beside(path, [](const auto& file) { return file.path().extension() == ".toml"; }),
                     "`figment models` lists the models that train without a recipe file")));
  return Table::parse(recipe_text(what), "recipe of " + what);
}

/// Whether --set names this setting.
bool is_given(const std::vector<std::string>& settings, const std::string& setting) {
  return std::ranges::any_of(settings, [&](const std::string& words) { return words.starts_with(setting + "="); });
}

/// Scales the lengths of each recipe whose training.images --set changes; `before`: without what --set says.
std::vector<std::string> with_scaled_lengths(Table& all, const Table& before,
                                             const std::vector<std::string>& settings) {
  std::vector<std::string> said;
  const std::vector<std::string> stages = read_stages(before);
  const auto scale = [&](Table& recipe, const Table& old, const std::string& prefix) {
    if (!is_given(settings, prefix + "training.images")) return;
    const auto given = [&](const std::string& setting) { return is_given(settings, prefix + setting); };
    const std::string sentence = scale_lengths(recipe, read_recipe(old), given);
    if (!sentence.empty())
      said.push_back(prefix.empty() ? sentence : prefix.substr(0, prefix.size() - 1) + ": " + sentence);
  };
  if (stages.empty()) scale(all, before, "");
  for (const std::string& stage : stages) {
    Table recipe = all.child(stage);
    scale(recipe, before.child(stage), stage + ".");
    all.put(stage, recipe);
  }
  return said;
}

/// What people who know other programs write, and the name of the setting.
struct OtherWord {
  std::string_view word, setting;
};
constexpr OtherWord kOtherWords[] = {
    {"lr", "model.optimizer.learning_rate=N"},
    {"learning-rate", "model.optimizer.learning_rate=N"},
    {"epochs", "training.images=N, which counts images and not epochs"},
    {"steps", "training.images=N, which counts images and not steps"},
    {"iterations", "training.images=N, which counts images and not iterations"},
};

/// A setting without its table is no key of a recipe, but it says what is meant.
void expect_table(const std::string& setting) {
  const std::string key = setting.substr(0, setting.find('='));
  if (key.find('.') != std::string::npos || key == setting) return;
  if (const std::string meant = setting_meant_by("--" + key); !meant.empty())
    throw ConfigError(fmt::format("--set {}: there is no setting '{}'; write --set {}", setting, key, meant));
}

}  // namespace

std::string setting_meant_by(const std::string& option) {
  const std::string word = option.substr(0, option.find('=')).substr(std::min<size_t>(2, option.size()));
  if (!option.starts_with("--")) return "";
  for (const OtherWord& other : kOtherWords)
    if (other.word == word) return std::string(other.setting);
  std::string name = word;
  std::ranges::replace(name, '-', '_');
  const auto among = [&](std::span<const Field> rows) {
    return std::ranges::find(rows, name, &Field::name) != rows.end();
  };
  if (among(kFields<DataOptions>)) return fmt::format("data.{}=N", name);
  if (among(kFields<TrainingOptions>)) return fmt::format("training.{}=N", name);
  return "";
}

AskedRecipe recipe_for(const TrainArguments& arguments) {
  Table all = map_stages(base_of(arguments.what), [&](Table& recipe) {
    if (arguments.data) recipe.set_text("data.source", *arguments.data);
    if (arguments.seed) recipe.set("training.seed", std::to_string(*arguments.seed));
    if (arguments.processes) recipe.set("training.processes", std::to_string(*arguments.processes));
    if (arguments.threads) recipe.set("training.threads", std::to_string(*arguments.threads));
    if (arguments.device) recipe.set_text("training.device", *arguments.device);
    if (arguments.strict) recipe.set("data.strict", "true");
  });
  const Table before = all;
  for (const std::string& setting : arguments.settings) {
    expect_table(setting);
    all.assign(setting);
  }
  std::vector<std::string> said = with_scaled_lengths(all, before, arguments.settings);
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
  return {std::move(all), std::move(said)};
}

}  // namespace figment::cli
