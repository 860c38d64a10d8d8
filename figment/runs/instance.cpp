#include "figment/runs/instance.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "figment/base/error.h"
#include "figment/base/machine.h"
#include "figment/base/text.h"
#include "figment/data/source.h"
#include "figment/models/entries.h"
#include "figment/tensor/precision.h"
#include "figment/tensor/world.h"

namespace figment {

torch::Device device_of(const std::string& word) {
  const DeviceWord asked = device_word(word);
  const int devices = torch::cuda::is_available() ? int(torch::cuda::device_count()) : 0;
  if (asked.kind == DeviceWord::Kind::kCpu || (asked.kind == DeviceWord::Kind::kAuto && devices == 0))
    return torch::kCPU;
  if (asked.number < devices) return {torch::kCUDA, static_cast<c10::DeviceIndex>(asked.number)};
  throw ConfigError(
      fmt::format("device '{}' is not there: this machine offers {}; --device cpu always works, but a run that was "
                  "begun is resumed on its own kind of device",
                  word, devices == 0 ? "no CUDA device" : counted(devices, "CUDA device")));
}

bool repeats_exactly(torch::Device device) { return device.is_cpu(); }

torch::Device use_device(const std::string& word) {
  const torch::Device device = device_of(word);
  // On the processor index_put_ with accumulation is the one kernel whose bits depend on the order of threads; filling
  // fresh memory, which this mode does by default, would only cost time.
  at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/!repeats_exactly(device));
  at::globalContext().setDeterministicFillUninitializedMemory(false);
  return device;
}

Precision resolved_precision(Precision precision, torch::Device device) {
  if (precision != Precision::kAuto) return precision;
  return multiplies_bf16(device.type()) ? Precision::kBf16 : Precision::kFp32;
}

int64_t chosen_processes(const TrainingOptions& t, int cores) {
  constexpr int64_t kLeastImages = 8;  // of one process: what a step costs whatever the batch is paid by each of them
  if (!device_of(t.device).is_cpu()) return 1;
  const int64_t together = t.batch_size / t.micro_batches;
  int64_t processes = std::clamp<int64_t>(together / kLeastImages, 1, cores);
  while (together % processes != 0) --processes;
  return 2 * processes >= cores ? processes : 1;
}

Recipe resolved(Recipe recipe, int threads, int most_processes) {
  TrainingOptions& t = recipe.training;
  const torch::Device device = device_of(t.device);
  t.precision = resolved_precision(t.precision, device);
  t.device = device.str();
  if (t.processes == 0)
    t.processes = world().size() > 1 || t.threads > 0 ? world().size() : chosen_processes(t, most_processes);
  if (t.threads == 0) t.threads = t.processes > 1 ? 1 : threads;
  recipe.data.source = from_anywhere(recipe.data.source);
  return recipe;
}

std::string why_not_shared(const TrainingOptions& t) {
  const int64_t together = t.batch_size / t.micro_batches;
  if (t.processes > 1 && !device_of(t.device).is_cpu())
    throw ConfigError(
        fmt::format("training.processes: {} processes train on the processor alone, and the device is {}; "
                    "leave out --processes, set training.processes=1, or begin a training with --device cpu",
                    t.processes, t.device));
  if (together % std::max<int64_t>(1, t.processes) == 0) return {};
  return fmt::format("{} processes cannot share {} images equally", t.processes, together);
}

std::string settle_processes(TrainingOptions& t) {
  const std::string why = why_not_shared(t);
  if (why.empty()) return {};
  if (world().size() > 1)
    throw ConfigError(
        fmt::format("{}; choose a training.batch_size (or its part by training.micro_batches) that they divide, or "
                    "start another number of processes",
                    why));
  t.threads *= std::exchange(t.processes, 1);  // all that was asked for
  return fmt::format(
      "{}, so one process trains, with {}; to use more, choose a number that divides them, or for a new training "
      "another training.batch_size (its part by training.micro_batches counts)",
      why, counted(t.threads, "thread"));
}

std::unique_ptr<Model> make_model(const Recipe& recipe, const DataSpec& spec, const Helpers& helpers,
                                  torch::Device device) {
  const Entry& entry = model_entry(recipe.model);
  expect_takes(entry, spec, recipe.model, recipe.data.source);
  torch::manual_seed(uint64_t(recipe.training.seed));
  std::unique_ptr<Model> model = entry.make(recipe.settings, spec, helpers);
  model->to(device);
  if (recipe.training.channels_last)
    for (Tensor& p : model->parameters())
      if (p.dim() == 4) p.set_data(p.data().contiguous(torch::MemoryFormat::ChannelsLast));
  return model;
}

std::unique_ptr<Model> expect_fit(const Recipe& recipe, const DataSpec& spec, const Helpers& helpers, int64_t images) {
  if (recipe.training.batch_size > images)
    throw ConfigError(fmt::format("training.batch_size is {}, the data has {} to train on; lower training.batch_size",
                                  recipe.training.batch_size, counted(images, "image")));
  return make_model(recipe, spec, helpers, torch::kCPU);
}

int64_t parameter_count(const Model& model) {
  int64_t count = 0;
  for (const Tensor& p : model.parameters()) count += p.numel();
  return count;
}

Batch on_device(const Batch& batch, torch::Device device, bool channels_last) {
  Batch moved = device.is_cpu() ? batch : to(batch, device);
  if (channels_last && moved.x.dim() == 4) moved.x = moved.x.contiguous(torch::MemoryFormat::ChannelsLast);
  return moved;
}

void load_weights(Model& model, const std::filesystem::path& file) {
  load_strictly(load_safetensors(file).tensors, tensors_of(model), file.string());
}

}  // namespace figment
