// Tested by tests/process_count_test.cpp.
#include "figment/runs/process_count.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/machine.h"
#include "figment/base/text.h"
#include "figment/config/json.h"
#include "figment/records/recipe.h"
#include "figment/runs/instance.h"
#include "figment/tensor/world.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

Json manifest_of(const RunFolder& run) {
  const std::string file = run.manifest().string();
  Json manifest = parse_json(read_file(file), file);
  if (manifest.is_object()) return manifest;
  throw RunError(fmt::format("{}: is not the manifest of a run; bring back the file of the original run", file));
}

/// A run of an earlier figment was trained by one and does not state it.
int64_t stated_processes(const Json& manifest) { return integer_of(find(manifest, {"processes"})).value_or(1); }

int64_t stated_threads(const Json& manifest, const TrainingOptions& training) {
  return integer_of(find(manifest, {"threads"})).value_or(training.threads);
}

class Change {
 public:
  explicit Change(int64_t processes) : processes_(processes) {}

  Recipe changed(const Recipe& before) {
    Recipe recipe = before;
    recipe.training.processes = processes_;
    recipe.training.threads = 0;
    recipe = read_recipe(to_table(resolved(std::move(recipe), granted_cores())));  // which checks the number
    if (std::string note = settle_processes(recipe.training); !note.empty()) notes.push_back(std::move(note));
    if (recipe.training.processes == before.training.processes) recipe.training.threads = before.training.threads;
    return recipe;
  }

  void add(const RunFolder& run) {
    Json manifest = manifest_of(run);
    Recipe recipe = read_recipe(Table::load(run.recipe()));
    TrainingOptions& training = recipe.training;
    training.processes = stated_processes(manifest);
    training.threads = stated_threads(manifest, training);
    recipe = changed(recipe);
    manifest["processes"] = training.processes;
    manifest["threads"] = training.threads;
    files_.emplace_back(run.recipe(), to_table(recipe).toml());
    files_.emplace_back(run.manifest(), json_text(manifest, 2) + "\n");
  }

  /// The same for stages that have not begun.
  void add_stages(const RunFolder& whole) {
    Table table = Table::load(whole.recipe());
    for (const RunFolder& stage : whole.stages()) {
      const std::string name = stage.path().filename().string();
      if (!stage.begun()) table.put(name, to_table(changed(read_recipe(table.child(name)))));
    }
    files_.emplace_back(whole.recipe(), table.toml());
  }

  void write() const {
    for (const auto& [file, text] : files_) write_file(file, text);
  }

  std::vector<std::string> notes = {};

 private:
  int64_t processes_;
  std::vector<std::pair<fs::path, std::string>> files_ = {};
};

}  // namespace

std::vector<std::string> set_processes(const RunFolder& whole, int64_t processes) {
  const std::vector<RunFolder> stages = whole.stages();
  std::vector<FolderLock> locks;
  locks.emplace_back(whole.path());
  Change change(processes);
  for (const RunFolder& run : whole.parts()) {
    if (run.finished()) continue;
    if (!stages.empty()) locks.emplace_back(run.path());
    change.add(run);
  }
  if (!stages.empty()) change.add_stages(whole);
  change.write();
  return change.notes;
}

void expect_processes(const RunFolder& whole, int64_t processes) {
  Change change(processes);
  for (const RunFolder& run : whole.parts()) change.add(run);
}

void expect_stated_processes(const RunFolder& run, const TrainingOptions& training) {
  const Json manifest = manifest_of(run);
  const int64_t now = std::max<int64_t>(1, training.processes), before = stated_processes(manifest),
                threads = stated_threads(manifest, training);
  const std::string path = run.path().string();
  if (now != before || training.threads != threads)
    throw RunError(
        fmt::format("{0}: training.processes and training.threads of its recipe are {1} and {2}, and the run was "
                    "trained with {3} and {4}, on which its bytes depend; set both back, or choose the number of "
                    "processes by `figment resume {5} --processes {1}`",
                    path, now, training.threads, before, threads, shell_quoted(run.whole().string())));
  if (const int here = world().size(); here > 1 && here != now)
    throw RunError(fmt::format("{}: training.processes of its recipe is {}, and {} processes train it; start {}", path,
                               now, here, now));
}

}  // namespace figment
