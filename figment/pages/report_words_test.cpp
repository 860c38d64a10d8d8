#include "figment/pages/report_words.h"

#include <gmock/gmock.h>

#include "figment/models/cards.h"

namespace figment {
namespace {

TEST(ReportWords, NameTheTermsOfTheField) {
  EXPECT_EQ(words_of("iwae_500_nats").title, "Importance-weighted bound, k = 500");
  EXPECT_EQ(words_of("kl_nats").title, "KL divergence");
  EXPECT_EQ(words_of("color_match").title, "Color match");
  EXPECT_EQ(words_of("").title, "");
  EXPECT_EQ(unit_of("kl_nats_per_dimension", {}), "nats");
  EXPECT_EQ(unit_of("accuracy", {}), "");
}

TEST(ReportWords, BitsOfAPixelValueCarryTheLevelsOfTheData) {
  const Json data = parse_json(R"({"pixels": {"levels": 16}})", "data.json"),
             codes = parse_json(R"({"codes": {"num_codes": 512}})", "data.json");
  EXPECT_EQ(unit_of("bits_per_dim", data), "bits, 16 levels");
  EXPECT_EQ(unit_of("bits_per_code", codes), "bits");
  EXPECT_EQ(unit_of("bits_per_dim", {}), "bits") << "data.json cannot be read";
}

/// What is missing here is printed as "Frechet distance times floor pixels".
TEST(ReportWords, EveryFigureOfThePanelIsExplained) {
  for (const char* name : {"frechet_distance", "frechet_distance_floor", "frechet_distance_times_floor"})
    for (const char* extractor : {"", "_second", "_pixels"})
      EXPECT_NE(words_of(std::string(name) + extractor).sentence, "") << name << extractor;
}

TEST(ReportWords, TheCardOfAModelHoldsItsOwn) {
  for (const ModelCard& model : model_cards())
    for (const Term& term : model.card.terms)
      EXPECT_EQ(words_of(term.name).title, term.title)
          << "'" << term.name << "' of " << model.id << " stands in two places; a shared name belongs into pages";
}

}  // namespace
}  // namespace figment
