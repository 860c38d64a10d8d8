// The only map from a word to a model's type.
#pragma once
#include <string_view>

#include "figment/contracts/entry.h"

namespace figment {

/// Throws ConfigError with a suggestion when there is no such model.
const Entry& model_entry(std::string_view id);

}  // namespace figment
