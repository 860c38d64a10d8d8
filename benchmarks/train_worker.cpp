// Trains a model as `figment train` does, without the run around it: `train_worker MODEL`. More words change its
// recipe: `train_worker vae model.network=dense training.precision=fp32`.
#include <fmt/format.h>

#include "benchmarks/worker.h"
#include "figment/base/file.h"
#include "figment/checkpoint/safetensors.h"
#include "figment/data/catalog.h"
#include "figment/data/loader.h"
#include "figment/models/cards.h"
#include "figment/runs/instance.h"
#include "figment/training/trainer.h"

namespace figment::bench {
namespace {

int train(int argc, char** argv) {
  Table table = Table::parse(model_card(argv[1]).recipe, "recipe.toml");
  for (int i = 2; i < argc; ++i) table.assign(argv[i]);
  const Recipe recipe = resolved(read_recipe(table), granted_cores());
  const TrainingOptions& options = recipe.training;
  at::set_num_threads(int(options.threads));
  const auto data = open_dataset(recipe.data, Split::kTrain);
  const auto model = make_model(recipe, data->spec(), torch::kCPU);
  Loader loader(*data, {.batch_size = options.batch_size, .seed = uint64_t(options.seed)});
  Trainer trainer(*model, nullptr, options);
  // that were minimised, in the order of their groups' names
  const auto losses_since = [&] {
    std::vector<double> losses;
    for (const auto& [name, value] : trainer.take_log())
      if (name.starts_with("train/") && name.ends_with("loss")) losses.push_back(value);
    return losses;
  };
  const auto next = [&] { return on_device(loader.next(), torch::kCPU, options.channels_last); };

  Work work;
  work.run = [&](int64_t n) {
    for (int64_t i = 0; i < n; ++i) trainer.step(next());
    return losses_since().front();
  };
  work.losses = [&](int64_t k, const std::string& path) {
    TensorMap given;
    int64_t index = 0;
    for (const Tensor& p : model->parameters())
      given[fmt::format("parameter.{:03}", index++)] = p.detach().contiguous();
    std::vector<Batch> batches;
    for (int64_t i = 0; i < k; ++i) {
      batches.push_back(next());
      batches.back().x =
          batches.back().x.sign();  // black and white: nothing is left to chance in drawing binary pixels
      given[fmt::format("batch.{:03}", i)] = batches.back().x.contiguous();
    }
    write_file(path, to_safetensors(given));
    torch::manual_seed(uint64_t(options.seed));
    std::vector<double> losses;
    for (const Batch& batch : batches) {
      trainer.step(batch);
      for (const double loss : losses_since()) losses.push_back(loss);
    }
    return losses;
  };
  int64_t parameters = 0;
  for (const Tensor& p : model->parameters()) parameters += p.numel();
  serve({{"parameters", parameters}}, work);
  return 0;
}

}  // namespace
}  // namespace figment::bench

int main(int argc, char** argv) {
  figment::bench::run_as_the_program_does(argv);
  return argc > 1 ? figment::bench::train(argc, argv) : 2;
}
