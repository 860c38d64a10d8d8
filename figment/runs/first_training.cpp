// Tested by tests/resume_test.cpp and tests/program_run_test.cpp.
#include "figment/runs/first_training.h"

#include "figment/checkpoint/safetensors.h"
#include "figment/data/loader.h"
#include "figment/data/random.h"
#include "figment/models/entries.h"
#include "figment/runs/instance.h"
#include "figment/runs/parents.h"
#include "figment/runs/run_data.h"
#include "figment/tensor/world.h"

namespace figment {

Training new_training(const ReadyRun& run) {
  const TrainingOptions& options = run.recipe.training;
  Training training{.model = make_model(run.recipe, run.spec, helpers_of(run.parents), run.device)};
  if (options.average_half_life > 0) {
    training.average =
        make_model(run.recipe, run.spec, helpers_of(run.parents), run.device);  // equal seed: equal weights
    training.average->eval();
  }
  training.trainer =
      std::make_unique<Trainer>(*training.model, training.average.get(), options, model_entry(run.recipe.model).alarms);
  return training;
}

uint64_t noise_seed(const TrainingOptions& options) {
  return leads() ? uint64_t(options.seed) : mixed(uint64_t(options.seed), uint64_t(world().rank()));
}

void initialize(Training& training, const ReadyRun& run) {
  const TrainingOptions& options = run.recipe.training;
  torch::manual_seed(uint64_t(options.seed));  // the noise of training, whatever building the model drew
  const torch::NoGradGuard no_grad;
  if (leads())
    training.model->initialize(
        on_device(first_examples(*run.data.train, kMostReadAtOnce), run.device, options.channels_last));
  std::vector<Tensor> all;
  for (const auto& [name, tensor] : tensors_of(*training.model)) all.push_back(tensor);
  world().share(all);
  if (!leads()) torch::manual_seed(noise_seed(options));
  if (training.average) load_strictly(tensors_of(*training.model), tensors_of(*training.average), "average");
}

}  // namespace figment
