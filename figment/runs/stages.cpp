// Tested by tests/stages_test.cpp.
#include "figment/runs/stages.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/printable.h"
#include "figment/base/text.h"
#include "figment/contracts/capabilities.h"
#include "figment/data/code_set.h"
#include "figment/models/entries.h"
#include "figment/records/run_names.h"
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

/// A recipe cannot hold another path, and a later stage would look for the run at what is left of it.
std::string expect_utf8(std::string run) {
  if (valid_utf8(run) != run)
    throw RunError(
        fmt::format("the path of the run '{}' is no UTF-8, and the stages of a recipe are looked up by it "
                    "later; rename its folder, or train the stages one by one",
                    valid_utf8(run)));
  return run;
}

/// The recipes with nothing left to look up: a parent that is no stage is the folder of a run, the same one whenever
/// and from wherever the training goes on. Throws RunError where there is no such run.
Table resolved_stages(const TrainRequest& request, const std::vector<std::string>& names, int threads) {
  return map_stages(request.recipe, [&](Table& table) {
    Recipe recipe = resolved(read_recipe(table), threads, request.most_processes);
    for (auto& [role, run] : recipe.parents)
      if (std::ranges::find(names, run) == names.end())
        run = expect_utf8(fs::canonical(RunFolder::find(run, request.out).trained().path()).string());
    table = to_table(recipe);
  });
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
OpenedData expect_stages_fit(const Table& all, EventSink& listener) {
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
        OpenedData opened =
            opened_already ? OpenedData() : open_data(recipe.data, {}, {}, nullptr, told_loading(listener));
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

/// A stage whose training has not begun. A signal that comes while its data are loaded finds nothing to save.
ReadyRun started(const RunFolder& all, const RunFolder& stage, const NewFolder& new_folder, OpenedData data,
                 const Progress& go_on) {
  try {
    return start_run(recipe_of(all, stage), read_file(all.path() / kCommand), stage.out(), new_folder, std::move(data),
                     go_on);
  } catch (const Interrupted& stopped) {
    throw Interrupted(stopped.signal, fmt::format("stopped before the stage '{}' began; `figment resume {}` continues",
                                                  stage.path().filename().string(), shell_quoted(all.path().string())));
  }
}

/// `first`: the data of the first stage where they are open already.
void train_unfinished(const RunFolder& folder, EventSink& listener, OpenedData first) {
  const FolderLock lock(folder.path());
  remove_leftovers(folder.path(), std::chrono::seconds(0));  // there, only the holder of the lock writes
  for (const RunFolder& stage : folder.stages()) {
    expect_own_folder(stage.path());
    if (stage.finished()) continue;
    if (stage.begun()) {
      resume_run(stage, listener);
      continue;
    }
    const auto new_folder = [&](const auto& fill) {
      create_folder(stage.path(), fill);
      return stage;
    };
    train_run(started(folder, stage, new_folder, std::exchange(first, {}), told_loading(listener)), listener);
  }
}

}  // namespace

fs::path train_stages(const TrainRequest& request, int threads, EventSink& listener) {
  const std::vector<std::string> names = read_stages(request.recipe);
  const Table written = resolved_stages(request, names, threads);
  if (!request.name.empty()) expect_run_name(request.name);
  OpenedData first = expect_stages_fit(written, listener);
  const std::string model = read_recipe(written.child(names.back())).model;
  const RunFolder folder = new_run_folder(request, model, [&](const fs::path& part) {
    write_file(part / kCommand, request.command);
    write_file(RunFolder(part).recipe(), written.toml());
  });
  train_unfinished(folder, listener, std::move(first));
  return folder.path();
}

void resume_stages(const RunFolder& folder, EventSink& listener) { train_unfinished(folder, listener, {}); }

}  // namespace figment
