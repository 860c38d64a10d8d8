// What a person sees of a model that draws.
#pragma once
#include <memory>

#include "figment/contracts/capabilities.h"
#include "figment/runs/loaded_run.h"

namespace figment {

/// The parent in the role `codes`; null where there is none. Throws RunError where it makes no codes.
EncodesDiscrete* code_maker(const Parents&);

/// Every class in turn, from number `first` on, where the model takes one; nothing where it takes none.
Condition classes_in_turn(const Samples&, int64_t first, int64_t count);

/// Images number `first`, first + 1, … of those that begin at `seed`, every class in turn.
SampleRequest request_in_turn(const Samples&, int64_t seed, int64_t first, int64_t count, torch::Device);

/// Draws with `model`; codes are decoded by the parent that made them. So whoever asks for samples never knows whether
/// one network drew an image or two. Completes what the model completes, in rows of what the model draws. Null where
/// the model does not draw. Both must outlive the result.
std::unique_ptr<Samples> pipeline(Model& model, const Parents&);

}  // namespace figment
