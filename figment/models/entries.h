// The only map from a word to a model's type.
#pragma once
#include <string_view>

#include "figment/contracts/entry.h"
#include "figment/models/cards.h"

namespace figment {

/// Throws ConfigError with a suggestion when there is no such model.
const Entry& model_entry(std::string_view id);

/// A product adds a model of its own: from then on recipes may name it, and runs of it train, resume and draw like any
/// other. Called before the first run is opened, from one thread. Throws ConfigError where the id is taken.
void add_model(const ModelCard&, Entry);

}  // namespace figment
