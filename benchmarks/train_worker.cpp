// Trains a model as `figment train` does, without the run around it: `train_worker MODEL`. More words change its
// recipe: `train_worker vae model.network=dense training.processes=2`.
#include <fmt/format.h>

#include "benchmarks/worker.h"
#include "figment/base/file.h"
#include "figment/checkpoint/safetensors.h"
#include "figment/data/catalog.h"
#include "figment/data/loader.h"
#include "figment/models/cards.h"
#include "figment/runs/first_training.h"
#include "figment/runs/instance.h"
#include "figment/runs/processes.h"
#include "figment/runs/threads.h"

namespace figment::bench {
namespace {

struct Silence final : EventSink {
  void take(const Event&) override {}
};

ReadyRun run_of(int argc, char** argv) {
  Table table = Table::parse(model_card(argv[1]).recipe, "recipe.toml");
  for (int i = 2; i < argc; ++i) table.assign(argv[i]);
  ReadyRun run{.folder = RunFolder(std::filesystem::path())};  // nothing is written
  run.recipe = resolved(read_recipe(table), granted_cores(), granted_cores());
  settle_processes(run.recipe.training);
  run.data.train = open_dataset(run.recipe.data, Split::kTrain);
  run.spec = run.data.train->spec();
  return run;
}

/// What was minimised since the last call, in the order of the groups' names.
std::vector<double> losses_since(Trainer& trainer) {
  std::vector<double> losses;
  for (const auto& [name, value] : trainer.take_log())
    if (name.starts_with("train/") && name.ends_with("loss")) losses.push_back(value);
  return losses;
}

/// What a peer needs to do the same: weights, what else the model starts from, and batches.
TensorMap given_to_a_peer(const Model& model, const std::vector<Batch>& batches) {
  TensorMap given;
  int64_t index = 0;
  for (const Tensor& p : model.parameters()) given[fmt::format("parameter.{:03}", index++)] = p.detach().contiguous();
  for (const auto& item : model.named_buffers())
    if (item.value().is_floating_point()) given["buffer." + item.key()] = item.value().contiguous();
  for (size_t i = 0; i < batches.size(); ++i) given[fmt::format("batch.{:03}", i)] = batches[i].x.contiguous();
  return given;
}

/// In each of the processes that train together.
void serve_training(const ReadyRun& run) {
  const TrainingOptions& options = run.recipe.training;
  Training training = new_training(run);
  initialize(training, run);
  Trainer& trainer = *training.trainer;
  Loader loader(*run.data.train, {.batch_size = options.batch_size,
                                  .seed = uint64_t(options.seed),
                                  .part = world().rank(),
                                  .parts = world().size()});
  const auto next = [&] { return on_device(loader.next(), run.device, options.channels_last); };

  Work work;
  work.run = [&](int64_t n) {
    for (int64_t i = 0; i < n; ++i) trainer.step(next());
    return losses_since(trainer).front();
  };
  work.losses = [&](int64_t k, const std::string& path) {
    std::vector<Batch> batches;
    for (int64_t i = 0; i < k; ++i) {
      batches.push_back(next());
      batches.back().x =
          batches.back().x.sign();  // black and white: nothing is left to chance in drawing binary pixels
    }
    write_file(path, to_safetensors(given_to_a_peer(*training.model, batches)));
    torch::manual_seed(uint64_t(options.seed));
    std::vector<double> losses;
    for (const Batch& batch : batches) {
      trainer.step(batch);
      for (const double loss : losses_since(trainer)) losses.push_back(loss);
    }
    return losses;
  };
  serve({{"parameters", parameter_count(*training.model)},
         {"precision", words(options.precision)[size_t(options.precision)]}},
        work);
}

void train(const ReadyRun& run) {
  const auto processes = int(run.recipe.training.processes), threads = int(run.recipe.training.threads);
  Silence listener;
  if (processes > 1) return in_processes(processes, threads, listener, [&](EventSink&) { serve_training(run); });
  use_threads(threads);
  serve_training(run);
}

}  // namespace
}  // namespace figment::bench

int main(int argc, char** argv) {
  using namespace figment::bench;
  if (argc < 2) return 2;
  run_as_the_program_does(argv);
  train(run_of(argc, argv));
  return 0;
}
