// Plain words for the names that losses, metrics and series have in files: those that several models or metrics share,
// and those in the card of each model.
#pragma once
#include <string>
#include <string_view>

#include "figment/config/json.h"

namespace figment {

struct Words {
  std::string title;     ///< "KL divergence"
  std::string sentence;  ///< what it is and which way is better; empty for a name that nobody explained
};

/// Of "kl_nats", "iwae_500_nats", "loss" …; another name is made readable ("color_match" → "Color match").
Words words_of(std::string_view name);

/// "nats" for a name that ends in it or has it before "_per_"; "bits" for a name that begins with it, with the pixels'
/// levels that data.json states where they are bits of a pixel value ("bits, 256 levels"); "" otherwise.
std::string unit_of(std::string_view name, const Json& data);

/// "28 × 28, grey" of pixels, "7 × 7 codes of 512" of codes: one of the grids of data.json.
std::string grid_words(const Json& grid);

/// What an example of data.json is, in these words; "points of 2 numbers". "" where it does not say.
std::string example_words(const Json& data);

}  // namespace figment
