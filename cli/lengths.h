// The lengths of a training that follow training.images.
#pragma once
#include <functional>
#include <string>

#include "figment/records/recipe.h"

namespace figment::cli {

/// Scales the lengths in images of `recipe`, which was `before` until training.images was changed. `given` says whether
/// a setting ("training.warm_up") was written by hand: then it stays. Intervals of reports and checkpoints are never
/// made longer. Returns a sentence that says what was scaled; empty where nothing was.
std::string scale_lengths(Table& recipe, const Recipe& before, const std::function<bool(const std::string&)>& given);

}  // namespace figment::cli
