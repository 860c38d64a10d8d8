// Tested by tests/program_length_test.cpp.
#include "figment/runs/length.h"

#include <fmt/format.h>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/text.h"
#include "figment/records/recipe.h"
#include "figment/training/trainer.h"

namespace figment {
namespace {

std::string rate_words(const TrainingOptions& before, const TrainingOptions& after, double seen) {
  const double was = learning_rate_share(before, seen), is = learning_rate_share(after, seen);
  if (was == is) return fmt::format("the learning rate goes on at {:.3g} times its setting", is);
  return fmt::format(
      "the {} schedule now ends there, so the learning rate goes from {:.3g} to {:.3g} times its setting",
      kWords<Schedule>[size_t(after.schedule)], was, is);
}

}  // namespace

std::string set_length(const RunFolder& folder, int64_t images) {
  const std::string path = folder.path().string();
  if (const auto stages = folder.stages(); !stages.empty())
    throw ConfigError(fmt::format("--images: '{}' holds stages, each with a length of its own; name one of them: {}",
                                  path, shell_quoted(stages.back().path().string())));
  const FolderLock lock(folder.path());
  Recipe recipe = read_recipe(Table::load(folder.recipe()));
  const std::vector<int64_t> checkpoints = folder.checkpoint_images();
  const int64_t seen = checkpoints.empty() ? 0 : checkpoints.back();
  if (images <= seen)
    throw ConfigError(
        fmt::format("--images is the length of the whole training: '{}' has seen {}, so it must be more, got {}", path,
                    counted(seen, "image"), with_commas(images)));
  const TrainingOptions before = recipe.training;
  recipe.training.images = images;
  write_file(folder.recipe(), to_table(recipe).toml());
  folder.set_unfinished();
  return fmt::format("'{}' is now to see {} in place of {}; {}", path, counted(images, "image"),
                     with_commas(before.images), rate_words(before, recipe.training, double(seen)));
}

}  // namespace figment
