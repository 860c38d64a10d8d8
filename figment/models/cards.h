// The models that this program has, as far as can be said without the engine.
#pragma once
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "figment/config/field.h"
#include "figment/config/table.h"

namespace figment {

/// Plain words for a name that losses, metrics, series and pictures have in files.
struct Term {
  std::string_view name;      ///< "kl_nats"
  std::string_view title;     ///< "KL divergence"
  std::string_view sentence;  ///< what it is and which way is better; empty for a picture, which has a caption
};

/// What a model says of itself; its config.h holds one as `kCard`.
struct Card {
  std::string_view title;
  std::string_view paper;  ///< arXiv number or DOI
  int year = 0;
  std::string_view summary;  ///< one sentence: what it is, in plain words
  /// Names that this model alone gives to its losses, figures and pictures. A name that a second model or a metric uses
  /// too stands in pages/report_words.cpp.
  std::span<const Term> terms = {};
};

/// A recipe that is part of figment: "colour" and its text.
struct NamedRecipe {
  std::string_view name, text;
};

struct ModelCard {
  std::string_view id;
  Card card;
  std::span<const Field> fields;    ///< of its Config
  std::string_view recipe;          ///< text of recipe.toml, what `figment train <id>` runs
  std::vector<NamedRecipe> others;  ///< the other recipes in its folder: `figment train <id>/<name>` runs one
  const void* defaults;             ///< a default-constructed Config
  /// The settings of [model] without its id, with every default written out; throws ConfigError where they break the
  /// schema.
  Table (*resolve)(const Table& settings);
};

/// The row of a model whose settings are `Config`. `id` and the texts of its recipes must stay where they are.
template <class Config>
ModelCard card_of(std::string_view id, const Card& card, std::string_view recipe,
                  std::vector<NamedRecipe> others = {}) {
  static const Config defaults{};
  return {.id = id,
          .card = card,
          .fields = kFields<Config>,
          .recipe = recipe,
          .others = std::move(others),
          .defaults = &defaults,
          .resolve = [](const Table& settings) {
            Table all;
            write(all, "", read<Config>(settings));
            return all;
          }};
}

/// Those of this program in the order of their ids, then those that a product added.
std::span<const ModelCard> model_cards();

/// A model of a product's own, which add_model (models/entries.h) adds with the rest of it. Throws ConfigError where
/// the id is taken.
void add_model_card(const ModelCard&);

/// Throws ConfigError with a suggestion when there is no such model.
const ModelCard& model_card(std::string_view id);

/// The name of a recipe that is part of figment, "vae" or "vae/colour", as these two: "vae" and "colour" or "".
std::pair<std::string_view, std::string_view> model_and_recipe(std::string_view name);

/// The text of such a recipe. Throws ConfigError with a suggestion when there is none.
std::string_view recipe_text(std::string_view name);

}  // namespace figment
