// Tested by tests/stages_test.cpp.
#include "figment/runs/stages.h"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/contracts/capabilities.h"
#include "figment/data/code_set.h"
#include "figment/models/entries.h"
#include "figment/runs/instance.h"
#include "figment/runs/session.h"
#include "figment/runs/start_run.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kCommand = "command";  // what the user typed, for the reports of the stages

/// The recipe of a stage as `start_run` takes it: a parent that is a stage is the run in its folder.
Recipe recipe_of(const RunFolder& all, const RunFolder& stage) {
  Recipe recipe = read_recipe(Table::load(all.recipe()).child(stage.path().filename().string()));
  for (auto& [role, run] : recipe.parents)
    for (const RunFolder& other : all.stages())
      if (other.path().filename() == run) run = other.path().string();
  return recipe;
}

/// A stage as it will be, before anything is trained.
struct Planned {
  std::unique_ptr<Model> model;
  DataSpec spec;
  int64_t images;
  DataOptions data;
};

/// The networks that the loss of a stage's model uses, where they are stages too; nothing where one is a run from
/// elsewhere, which `start_run` will open.
std::optional<Helpers> planned_helpers(const Recipe& recipe, const std::map<std::string, Planned>& planned) {
  Helpers helpers;
  for (const std::string_view role : model_entry(recipe.model).helpers) {
    const auto named = recipe.parents.find(std::string(role));
    if (named == recipe.parents.end()) continue;  // the model says that it is missing
    const auto stage = planned.find(named->second);
    if (stage == planned.end()) return std::nullopt;
    helpers.add(std::string(role), *stage->second.model);
  }
  return helpers;
}

/// What is wrong with a later stage is said before the first is trained: each model is made once, for data of the form
/// that it will have. A stage on a run from elsewhere is left to `start_run`. Returns the data of the first stage,
/// which begins at once, where it learns from images.
OpenedData expect_stages_fit(const Table& all) {
  std::map<std::string, Planned> planned;
  OpenedData first;
  Json options_of_first;
  const std::vector<std::string> names = read_stages(all);
  for (const std::string& name : names) {
    try {
      const Recipe recipe = read_recipe(all.child(name));
      const auto helpers = planned_helpers(recipe, planned);
      if (!helpers) continue;
      const auto codes = recipe.parents.find(kCodesRole);
      if (codes == recipe.parents.end()) {
        const DataOptions options = data_options_of(recipe.data, nullptr);
        const bool opened_already = first.train && options_of_first == to_json(recipe.data);
        OpenedData opened = opened_already ? OpenedData() : open_data(recipe.data, {}, {});
        const Dataset& data = opened_already ? *first.train : *opened.train;
        planned[name] = {expect_fit(recipe, data.spec(), *helpers, data.size()), data.spec(), data.size(), options};
        if (name != names.front()) continue;
        first = std::move(opened);
        options_of_first = to_json(recipe.data);
      } else if (const auto parent = planned.find(codes->second); parent != planned.end()) {
        const auto* maker = dynamic_cast<EncodesDiscrete*>(parent->second.model.get());
        if (!maker) throw ConfigError(fmt::format("the stage '{}' makes no codes; take a vq_vae", parent->first));
        const DataOptions options = data_options_of(recipe.data, &parent->second.data);
        const DataSpec spec = code_spec(parent->second.spec, *maker, options.grid);
        const int64_t images = parent->second.images;
        planned[name] = {expect_fit(recipe, spec, *helpers, images), spec, images, options};
      }
    } catch (const ConfigError& error) { throw ConfigError(fmt::format("stage '{}': {}", name, error.what())); }
  }
  return first;
}

/// `first`: the data of the first stage where they are open already.
void train_unfinished(const RunFolder& folder, EventSink& listener, OpenedData first) {
  const FolderLock lock(folder.path());
  for (const RunFolder& stage : folder.stages()) {
    if (stage.finished()) continue;
    if (stage.begun()) {
      resume_run(stage, listener);
      continue;
    }
    const auto fresh = [&] {
      fs::remove_all(stage.path());  // what a kill left before the run was whole
      make_folder(stage.path());
      return stage;
    };
    train_run(start_run(recipe_of(folder, stage), read_file(folder.path() / kCommand), stage.out(), fresh,
                        std::exchange(first, {})),
              listener);
  }
}

}  // namespace

fs::path train_stages(const TrainRequest& request, int threads, EventSink& listener) {
  const std::vector<std::string> names = read_stages(request.recipe);
  const Table written =
      map_stages(request.recipe, [&](Table& recipe) { recipe = to_table(resolved(read_recipe(recipe), threads)); });
  OpenedData first = expect_stages_fit(written);
  const RunFolder folder = RunFolder::create(request.out, read_recipe(written.child(names.back())).model);
  write_file(folder.path() / kCommand, request.command);
  write_file(folder.recipe(), written.toml());  // last: a folder without it is no run
  train_unfinished(folder, listener, std::move(first));
  return folder.path();
}

void resume_stages(const RunFolder& folder, EventSink& listener) { train_unfinished(folder, listener, {}); }

}  // namespace figment
