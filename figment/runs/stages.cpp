#include "figment/runs/stages.h"

#include <fmt/format.h>

#include <map>
#include <memory>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/contracts/capabilities.h"
#include "figment/data/catalog.h"
#include "figment/runs/instance.h"
#include "figment/runs/session.h"

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

/// What is wrong with a later stage is said before the first is trained: each model is made once, for data of the form
/// that it will have. A stage on a run from elsewhere is left to `start_run`.
void expect_stages_fit(const Table& all) {
  struct Planned {
    std::unique_ptr<Model> model;
    DataSpec spec;
    int64_t images;
  };
  std::map<std::string, Planned> planned;
  for (const std::string& name : read_stages(all)) {
    try {
      const Recipe recipe = read_recipe(all.child(name));
      const auto codes = recipe.parents.find(kCodesRole);
      if (codes == recipe.parents.end()) {
        const auto data = open_dataset(recipe.data, Split::kTrain);
        planned[name] = {expect_fit(recipe, data->spec(), data->size()), data->spec(), data->size()};
      } else if (const auto parent = planned.find(codes->second); parent != planned.end()) {
        const auto* maker = dynamic_cast<EncodesDiscrete*>(parent->second.model.get());
        if (!maker) throw ConfigError(fmt::format("the stage '{}' makes no codes; take a vq_vae", parent->first));
        const DataSpec spec{.x = maker->grids().front(), .condition = parent->second.spec.condition};
        planned[name] = {expect_fit(recipe, spec, parent->second.images), spec, parent->second.images};
      }
    } catch (const ConfigError& error) { throw ConfigError(fmt::format("stage '{}': {}", name, error.what())); }
  }
}

}  // namespace

RunFolder start_stages(const TrainRequest& request, int threads) {
  const std::vector<std::string> names = read_stages(request.recipe);
  const Table written =
      map_stages(request.recipe, [&](Table& recipe) { recipe = to_table(resolved(read_recipe(recipe), threads)); });
  expect_stages_fit(written);
  const RunFolder folder = RunFolder::create(request.out, read_recipe(written.child(names.back())).model);
  write_file(folder.path() / kCommand, request.command);
  write_file(folder.recipe(), written.toml());  // last: a folder without it is no run
  return folder;
}

void train_stages(const RunFolder& folder, EventSink& listener) {
  const FolderLock lock(folder.path());
  for (const RunFolder& stage : folder.stages()) {
    if (!stage.begun())
      start_run(recipe_of(folder, stage), read_file(folder.path() / kCommand), stage.out(), [&] {
        fs::remove_all(stage.path());  // what a kill left before the run was whole
        fs::create_directories(stage.path());
        return stage;
      });
    if (!stage.finished()) train_run(stage, listener);
  }
}

}  // namespace figment
