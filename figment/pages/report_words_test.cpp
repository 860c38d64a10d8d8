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
  EXPECT_EQ(unit_of("kl_nats_per_dimension"), "nats");
  EXPECT_EQ(unit_of("accuracy"), "");
}

TEST(ReportWords, TheCardOfAModelHoldsItsOwn) {
  for (const ModelCard& model : model_cards())
    for (const Term& term : model.card.terms)
      EXPECT_EQ(words_of(term.name).title, term.title)
          << "'" << term.name << "' of " << model.id << " stands in two places; a shared name belongs into pages";
}

}  // namespace
}  // namespace figment
