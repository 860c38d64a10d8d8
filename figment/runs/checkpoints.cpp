#include "figment/runs/checkpoints.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/hash.h"
#include "figment/base/text.h"
#include "figment/config/json.h"
#include "figment/runs/instance.h"
#include "figment/tensor/world.h"

namespace figment {
namespace fs = std::filesystem;
namespace {
constexpr const char *kModelFile = "model.safetensors", *kAverageFile = "average.safetensors",
                     *kTrainerFile = "trainer.safetensors";

/// Figures of a checkpoint that is the best no more: an evaluation may have kept them just before another was named.
void remove_other_figures(const RunFolder& folder) {
  try {
    const std::string file = folder.evaluation().string();
    const Json kept = parse_json(read_file(file), file);
    const Json& measured = find(kept, {"checkpoint"});
    std::error_code ignored;
    if (!measured.is_null() && measured != folder.best_images()) fs::remove(file, ignored);
  } catch (const Error&) {}  // none are there, or whoever shows them says that they are damaged
}
}  // namespace

void save_checkpoint(const RunFolder& folder, Training& training, CheckpointNote note) {
  training.trainer->expect_finite_weights();
  training.trainer->expect_same_in_all_processes();
  TensorMap state = training.trainer->state();
  // Without an average: the model itself, refreshed, which it must be in every process.
  const Model& averaged = training.trainer->averaged();
  if (!leads()) return;
  const fs::path target = folder.checkpoint(training.images());
  const bool replaces = is_there(target);
  if (replaces && (!note.scored || read_note(target).scored)) return;
  make_own_folder(folder.checkpoints());
  const auto fill = [&](const fs::path& part) {
    const auto write = [&](const char* name, const TensorMap& tensors) {
      const std::string content = to_safetensors(tensors);
      note.hashes[name] = hash_of(content);
      write_file(part / name, content);
    };
    state.merge(training.best.state());
    write(kModelFile, tensors_of(*training.model));
    if (training.average) write(kAverageFile, tensors_of(averaged));
    write(kTrainerFile, state);
    write_note(part, note);
  };
  replaces ? replace_folder(target, fill) : create_folder(target, fill);
  std::error_code ignored;                   // none is there until somebody evaluates the run
  fs::remove(folder.evaluation(), ignored);  // it measured other weights
}

int64_t checkpoint_to_go_on_from(const RunFolder& folder) {
  const std::vector<int64_t> all = folder.checkpoint_images();
  const int64_t own = all.empty() ? 0 : all.back(), images = from_leader(own);
  if (images > 0 && own != images)
    throw RunError(
        fmt::format("process {} of {} does not see the checkpoint of {} in '{}' from which process 0 goes on; the "
                    "folder of the run must lie where all machines reach it",
                    world().rank(), world().size(), counted(images, "image"), folder.path().string()));
  return images;
}

Restored restore_checkpoint(const RunFolder& folder, Training& training) {
  const torch::NoGradGuard no_grad;
  const fs::path checkpoint = folder.checkpoint(folder.checkpoint_images().back());
  const auto unchanged = [&](const char* name) { return expect_unchanged(checkpoint / name), checkpoint / name; };
  const fs::path model = unchanged(kModelFile), average = training.average ? unchanged(kAverageFile) : fs::path();
  const std::string file = unchanged(kTrainerFile).string();
  load_weights(*training.model, model);
  if (training.average) load_weights(*training.average, average);
  TensorMap state = load_safetensors(file).tensors;
  training.best = Best::take_from(state, file);
  const int processes = training.trainer->load_state(state, file);
  return {.note = read_note(checkpoint), .processes = processes};
}

void keep_best_and_last(const RunFolder& folder, const Best& best) {
  if (best.images > 0) folder.set_best(best.images);
  expect_own_folder(folder.checkpoints());
  remove_other_figures(folder);
  const std::vector<int64_t> all = folder.checkpoint_images();
  std::string failed;
  for (const int64_t images : all) {
    const fs::path checkpoint = folder.checkpoint(images);
    if (images == all.back() || images == best.images || !has_note(checkpoint)) continue;
    try {
      remove_folder(checkpoint);
    } catch (const FileError& error) { failed = error.what(); }
  }
  if (!failed.empty()) throw FileError(failed);
}

}  // namespace figment
