// A model built for a device from a recipe and a spec, and its weights in files.
#pragma once
#include <memory>

#include "figment/checkpoint/safetensors.h"
#include "figment/contracts/entry.h"
#include "figment/records/recipe.h"

namespace figment {

/// "auto" is the first CUDA device where there is one. Throws ConfigError where a named device is absent.
torch::Device device_of(const std::string& word);

/// Whether every operation on the device has a form that gives equal bits each time. On a GPU the backward of bilinear
/// upsampling, reflection padding and grid sampling has none.
bool repeats_exactly(torch::Device);

/// `device_of`, for whoever computes there from now on: operations give equal bits each time, on a GPU those that can.
torch::Device use_device(const std::string& word);

/// `auto` is bf16 where the processor (or device) multiplies it natively.
Precision resolved_precision(Precision, torch::Device);

/// How many processes train where that is left to figment: as many as there are cores, as far as each has enough images
/// of a batch or of its part by micro_batches, and 1 where these would leave more than half of the cores idle. On the
/// processor alone. benchmarks/README.md has the measurements.
int64_t chosen_processes(const TrainingOptions&, int cores);

/// The recipe with nothing left to decide: precision, processes, threads and device as they will be. What a run stores.
/// `most_processes`: that may be chosen. A recipe that names a number of threads means those of one process.
Recipe resolved(Recipe, int threads, int most_processes = 1);

/// Why the processes of a training cannot share a batch, empty where they can. Throws ConfigError for several processes
/// on a GPU.
std::string why_not_shared(const TrainingOptions&);
/// Where they cannot, one process trains, with as many threads as they have together: then it returns a sentence that
/// says so. Throws as `why_not_shared`, and where they are in one world already, so that none can be left out.
std::string settle_processes(TrainingOptions&);

/// A fresh model with weights of the recipe's seed, on its device and in its memory layout. `helpers`: frozen networks
/// that its loss may use; they are on the same device and outlive the model. Throws DataError where the data is not
/// what the model takes.
std::unique_ptr<Model> make_model(const Recipe&, const DataSpec&, const Helpers&, torch::Device);

/// The model on the CPU, made to see that recipe and data fit. Throws also ConfigError where `images` to train on are
/// fewer than a batch.
std::unique_ptr<Model> expect_fit(const Recipe&, const DataSpec&, const Helpers&, int64_t images);

int64_t parameter_count(const Model&);

Batch on_device(const Batch&, torch::Device, bool channels_last);

/// Strict: CheckpointError names everything that does not fit.
void load_weights(Model&, const std::filesystem::path& file);

}  // namespace figment
