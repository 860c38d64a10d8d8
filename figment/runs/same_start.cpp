// Tested by tests/machines_test.cpp.
#include "figment/runs/same_start.h"

#include <fmt/format.h>

#include <sstream>
#include <string>
#include <utility>

#include "figment/base/error.h"
#include "figment/base/version.h"
#include "figment/tensor/world.h"

namespace figment {
namespace {

std::string decisive_lines(const ReadyRun& run) {
  Recipe recipe = run.recipe;
  recipe.data.source.clear();  // the same images may lie elsewhere on each machine, and so may the parents
  recipe.parents.clear();
  std::string lines = fmt::format("figment {}\nLibTorch {}\n{}", kVersion, TORCH_VERSION, to_table(recipe).toml());
  for (const auto& [role, parent] : run.parents)
    lines += fmt::format("\nparents.{} with weights {}", role, parent.weights);
  return lines + fmt::format("\ntraining images {}\nvalidation images {}\naugmentation '{}'\n", run.data.train->hash(),
                             run.data.validation->hash(), run.data.train->augmentation());
}

/// The first lines in which the texts differ.
std::pair<std::string, std::string> first_difference(const std::string& a, const std::string& b) {
  std::istringstream of_a(a), of_b(b);
  std::pair<std::string, std::string> lines;
  do {
    lines = {};
    std::getline(of_a, lines.first);
    std::getline(of_b, lines.second);
  } while (lines.first == lines.second && (of_a || of_b));
  return lines;
}

}  // namespace

void expect_same_start(const ReadyRun& run) {
  if (world().size() == 1) return;
  const std::string own = decisive_lines(run), first = from_leader(own);
  const Tensor others = gathered(torch::full({1}, own == first ? 0.f : 1.f));
  if (own != first) {
    const auto [here, there] = first_difference(own, first);
    throw RunError(
        fmt::format("process {} of {} was not started for the training of process 0: it has ({}), process 0 has ({}); "
                    "start all with the same recipe and the same data, and set what each machine would choose for "
                    "itself, for example by --set training.precision=fp32; to train alone set WORLD_SIZE=1",
                    world().rank(), world().size(), here, there));
  }
  if (others.any().item<bool>())
    throw RunError(
        fmt::format("process {} of {} was not started for the training of process 0; it says itself in what it differs",
                    others.argmax().item<int64_t>(), world().size()));
}

}  // namespace figment
