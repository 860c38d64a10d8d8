// Tested by tests/stages_test.cpp and tests/own_model_test.cpp too.
#include "figment/runs/loaded_run.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <utility>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/hash.h"
#include "figment/records/checkpoint_note.h"
#include "figment/records/run_record.h"
#include "figment/runs/instance.h"
#include "figment/runs/parents.h"
#include "figment/runs/threads.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

/// The averaged weights where an average is kept.
fs::path weights_in(const fs::path& checkpoint) {
  const fs::path average = checkpoint / "average.safetensors";
  return is_there(average) ? average : checkpoint / "model.safetensors";
}

void link(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_hard_link(from, to, error);
  if (error) fs::copy_file(from, to, error);  // another file system, or one without links
  if (error) throw FileError(fmt::format("cannot copy '{}' to '{}': {}", from.string(), to.string(), error.message()));
}

/// Puts the weights into the checkpoint `kept` and returns its file's name and hash. Where a training removed the
/// parent's checkpoint meanwhile, they are written from memory.
std::pair<std::string, std::string> put_weights(const LoadedRun& parent, const fs::path& kept) {
  const fs::path checkpoint = parent.folder.checkpoint(parent.images), weights = weights_in(checkpoint);
  try {
    link(weights, kept / weights.filename());
    return {weights.filename().string(), parent.weights};
  } catch (const FileError&) {
    if (is_there(checkpoint)) throw;
  }
  const std::string content = to_safetensors(tensors_of(*parent.model));
  write_file(weights_in(kept), content);
  return {weights_in(kept).filename().string(), hash_of(content)};
}

void load(LoadedRun& run, const fs::path& checkpoint) {
  const fs::path file = weights_in(checkpoint);
  run.weights = expect_unchanged(file);
  load_weights(*run.model, file);
}

}  // namespace

LoadedRun load_run(const RunFolder& folder, torch::Device device, const std::string& which) {
  use_threads(at::get_num_threads());  // a product may not have asked yet whether they are granted
  const std::string data = folder.data().string();
  LoadedRun run{.folder = folder,
                .recipe = read_recipe(Table::load(folder.recipe())),
                .spec = data_spec_from_json(parse_json(read_file(data), data), data),
                .device = device,
                .checkpoint = which};
  run.parents = load_parents(folder, device);
  run.model = make_model(run.recipe, run.spec, helpers_of(run.parents), device);
  for (bool loaded = false; !loaded;) {
    run.images = folder.images_of_checkpoint(which);
    const fs::path checkpoint = folder.checkpoint(run.images);
    try {
      load(run, checkpoint);
      loaded = true;
    } catch (const Error&) {
      if (is_there(checkpoint)) throw;  // else a training removed it meanwhile, and there is a newer one
    }
  }
  run.model->eval();
  return run;
}

Parents load_parents(const RunFolder& folder, torch::Device device) {
  Parents parents;
  const Json manifest = parse_json(read_file(folder.manifest()), folder.manifest().string());
  for (const auto& [role, run] : read_recipe(Table::load(folder.recipe())).parents) {
    LoadedRun parent = load_run(RunFolder::at(folder.parent(role)), device);
    expect_able(role, parent);
    if (find(manifest, {"parents", role.c_str(), "weights"}) != parent.weights)
      throw RunError(
          fmt::format("'{}' is not the run that '{}' was trained on: its weights have hash {}, the manifest "
                      "names {}; bring back the folder of the original run",
                      parent.folder.path().string(), folder.path().string(), parent.weights,
                      spoken(find(manifest, {"parents", role.c_str(), "weights"}))));
    parents.emplace(role, std::move(parent));
  }
  return parents;
}

Json adopt(const RunFolder& child, const std::string& role, const LoadedRun& parent) {
  std::string hash;
  create_folder(child.parent(role), [&](const fs::path& part) {
    const RunFolder copy(part);
    for (auto file : {&RunFolder::recipe, &RunFolder::data, &RunFolder::manifest, &RunFolder::examples})
      link((parent.folder.*file)(), (copy.*file)());
    const fs::path kept = copy.checkpoint(parent.images);
    make_folder(kept);
    const auto weights = put_weights(parent, kept);
    write_note(kept, {.hashes = {weights}});
    hash = weights.second;
    for (const auto& [name, run] : parent.parents) adopt(copy, name, run);
  });
  return {{"run", parent.folder.path().string()}, {"model", parent.recipe.model}, {"weights", hash}};
}

}  // namespace figment
