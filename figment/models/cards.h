// The models that this program has, as far as can be said without the engine.
#pragma once
#include <span>
#include <string_view>

#include "figment/config/field.h"
#include "figment/config/table.h"

namespace figment {

/// What a model says of itself; its config.h holds one as `kCard`.
struct Card {
  std::string_view title;
  std::string_view paper;  ///< arXiv number or DOI
  int year = 0;
  std::string_view summary;  ///< one sentence: what it is, in plain words
};

struct ModelCard {
  std::string_view id;
  Card card;
  std::span<const Field> fields;  ///< of its Config
  std::string_view recipe;        ///< text of recipe.toml, what `figment train <id>` runs
  const void* defaults;           ///< a default-constructed Config
  /// The settings of [model] without its id, with every default written out; throws ConfigError where they break the
  /// schema.
  Table (*resolve)(const Table& settings);
};

/// In the order of their ids.
std::span<const ModelCard> model_cards();

/// Throws ConfigError with a suggestion when there is no such model.
const ModelCard& model_card(std::string_view id);

}  // namespace figment
