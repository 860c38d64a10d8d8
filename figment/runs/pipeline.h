// Sampling pipeline: encoder, coarser prior, model and decoder behind one Samples interface.
#pragma once
#include <memory>

#include "figment/contracts/capabilities.h"
#include "figment/runs/loaded_run.h"

namespace figment {

/// Draws with `model` and its parents, in this order: the encoder makes an embedding of what a person gave, the coarser
/// prior draws the coarser codes, the model draws, the maker of the codes decodes all grids. So whoever asks for
/// samples never knows whether one network drew an image or three; `takes()` is what a person gives. Completes what the
/// model completes, in rows of what the model draws; coarser codes that are given stay as they are. Null where the
/// model does not draw. All must outlive the result.
std::unique_ptr<Samples> pipeline(Model& model, const Parents&);

/// All code grids, coarsest first: condition.codes, then `drawn`.
std::vector<Tensor> all_grids(const Condition&, const Tensor& drawn);

/// Images number `first`, first + 1, … of those that begin at `seed`, for conditions that are on the CPU. Drawing them
/// is cancelled where a signal asks for an end, until the caller says otherwise by `go_on`.
SampleRequest request_for(Condition, int64_t seed, int64_t first, int64_t count, torch::Device);

/// Rejection sampling: draws candidates until one scores at least `least`, else keeps the best of `most`. Candidate 0
/// of an image has the image's seed, the others have seeds derived from it. So image 17 is the same alone and in a
/// sheet of 64.
struct Rejection {
  std::function<Tensor(const Tensor& images, const Condition&)> score = {};  ///< [N], larger is better
  double least = 0;
  int64_t most = 20;
};
std::unique_ptr<Samples> rejecting(Samples& draws, Rejection);

}  // namespace figment
