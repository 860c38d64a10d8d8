// What the tests of this room share: models that do one thing, and runs made of them without a training.
#pragma once
#include <gmock/gmock.h>

#include <filesystem>
#include <string>

#include "figment/contracts/capabilities.h"
#include "figment/runs/loaded_run.h"
#include "figment/runs/run_images.h"

namespace figment {

/// What every such model has in common: nothing to train.
struct IdleModel : Model {
  std::vector<ParameterGroup> groups() override { return {}; }
  void train_step(const Batch&, Step&) override {}
};

template <class M>
LoadedRun run_of(std::unique_ptr<M> model) {
  LoadedRun run{.folder = RunFolder("runs/0001-part")};
  run.recipe.model = "part";
  run.model = std::move(model);
  return run;
}

/// The same with a folder of its own, which keeps these examples and is gone at the end of the test.
class RunWithExamples : public ::testing::Test {
 protected:
  ~RunWithExamples() override { std::filesystem::remove_all(folder_); }

  template <class M>
  LoadedRun run_of(std::unique_ptr<M> model, const DataSpec& spec, const Batch& examples) {
    std::filesystem::create_directories(folder_);
    LoadedRun run{.folder = RunFolder(folder_), .spec = spec};
    run.recipe.model = "part";
    run.model = std::move(model);
    save_examples(run.folder, examples);
    return run;
  }

 private:
  std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) / ("figment_run_" + std::to_string(::getpid()));
};

}  // namespace figment
