// Between the pictures that people give and see, and the tensors of a run.
#pragma once
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "figment/base/error.h"
#include "figment/contracts/capabilities.h"
#include "figment/media/image.h"
#include "figment/runs/loaded_run.h"

namespace figment {

/// [N,C,H,W] in [-1,1], an image each.
std::vector<Image> images_of(const Tensor& x);

/// An image each; of points [N,2] one picture with all of them, over the examples of the run.
std::vector<Image> pictures_of(const LoadedRun&, const Tensor& drawn);

/// Pictures of any size as images of the run's data (of codes: of the images that they are made of), on its device.
Tensor tensor_of(const LoadedRun&, const std::vector<Image>&);

/// The first `count` held-out examples that the run keeps (all where it has fewer), on its device.
Batch examples_of(const LoadedRun&, int64_t count);

/// Held-out examples kept in the run, for previews and as defaults.
void save_examples(const RunFolder&, const Batch&);
/// At least one example. Throws DataError where the file is damaged, empty, or not of the run's data.
Batch load_examples(const RunFolder&, const DataSpec&);

/// Of a run that makes codes and so draws nothing by itself: its prior, or how to train one. Empty for other runs.
std::string advice_on_prior(const LoadedRun&);

/// The model as what it can do. Throws RunError: "runs/1 is a gan and cannot <what>".
template <class Capability>
Capability& need(const LoadedRun& run, std::string_view what) {
  if (auto* able = dynamic_cast<Capability*>(run.model.get())) return *able;
  std::string advice;
  if constexpr (std::is_base_of_v<Samples, Capability>) advice = advice_on_prior(run);
  throw RunError(run.folder.path().string() + " is a " + run.recipe.model + " and cannot " + std::string(what) +
                 advice);
}

}  // namespace figment
