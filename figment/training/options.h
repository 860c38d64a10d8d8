// Settings of [training] in a recipe, free of the engine. Every duration is counted in images, so that batch size does
// not change its meaning.
#pragma once
#include <fmt/format.h>

#include <string>

#include "figment/base/error.h"
#include "figment/config/field.h"

namespace figment {

enum class Schedule { kConstant, kCosine };
constexpr auto words(Schedule) { return std::to_array<std::string_view>({"constant", "cosine"}); }

enum class Precision { kAuto, kFp32, kBf16 };
constexpr auto words(Precision) { return std::to_array<std::string_view>({"auto", "fp32", "bf16"}); }

inline constexpr int64_t kMostProcesses = 1024;  // that train one model

struct TrainingOptions {
  int64_t images = 600000, batch_size = 128, micro_batches = 1, seed = 1;
  Schedule schedule = Schedule::kConstant;
  int64_t warm_up = 0;
  double final_rate = 0.01;
  int64_t average_half_life = 0;
  Precision precision = Precision::kAuto;
  bool channels_last = false;
  int64_t processes = 0, threads = 0, loader_threads = 1;
  std::string device = "auto";
  int64_t log_every = 10000, checkpoint_every = 60000, evaluate_every = 60000, preview_every = 60000;
  void validate() const {
    if (batch_size % micro_batches != 0)
      throw ConfigError(fmt::format("micro_batches must divide batch_size, got {} and {}", micro_batches, batch_size));
  }
  static constexpr auto schema() {
    return fields(
        field<&TrainingOptions::images>("length of the training", {1, 1e12}),
        field<&TrainingOptions::batch_size>("images of an optimizer step", {1, 65536}),
        field<&TrainingOptions::micro_batches>("parts a batch is split into to save memory; divides batch_size",
                                               {1, 65536}),
        field<&TrainingOptions::seed>("decides weights, order and noise", {0, 9e15}),
        field<&TrainingOptions::schedule>("learning-rate schedule after the warm-up, for all parameter groups"),
        field<&TrainingOptions::warm_up>("images over which the learning rate rises from 0", {0, 1e12}),
        field<&TrainingOptions::final_rate>("share of the learning rate that is left at the end", {0, 1})
            .used_when<&TrainingOptions::schedule>(Schedule::kCosine),
        field<&TrainingOptions::average_half_life>(
            "images after which a weight counts half in the average, 0 for no average", {0, 1e12}),
        field<&TrainingOptions::precision>("auto: bf16 where the processor multiplies it natively"),
        field<&TrainingOptions::channels_last>("memory layout of images and kernels"),
        field<&TrainingOptions::processes>("processes that train together, each on its part of a batch; 0 for the "
                                           "program's choice, by the cores and the "
                                           "batch; part of a run's bits",
                                           {0, kMostProcesses}),
        field<&TrainingOptions::threads>("compute threads of each process, 0 for what the machine grants, of several "
                                         "processes 1; part of a run's bits",
                                         {0, 1024}),
        field<&TrainingOptions::loader_threads>("threads of each process that read the next batches; changes no bits",
                                                {1, 64}),
        field<&TrainingOptions::device>("auto, cpu, cuda or cuda:N"),
        field<&TrainingOptions::log_every>("images between reports of the losses", {1, 1e12}),
        field<&TrainingOptions::checkpoint_every>("images between checkpoints", {1, 1e12}),
        field<&TrainingOptions::evaluate_every>("images between scores on the validation part", {1, 1e12}),
        field<&TrainingOptions::preview_every>("images between sample grids", {1, 1e12}));
  }
};
static_assert(complete<TrainingOptions>());

}  // namespace figment
