#include "figment/contracts/entry.h"

#include <gmock/gmock.h>

#include "figment/models/cards.h"
#include "figment/models/entries.h"
#include "tests/made_data.h"

namespace figment {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const std::vector<std::pair<std::string_view, DataSpec>>& kinds() {
  static const std::vector<std::pair<std::string_view, DataSpec>> all{
      {"pixels", {.x = PixelSpec{.channels = 1, .height = 16, .width = 16}}},
      {"codes", {.x = CodeSpec{.num_codes = 6, .height = 4, .width = 4}}},
      {"points", {.x = PointSpec{.numbers = 2}}},
  };
  return all;
}

TEST(Entry, DataThatTheModelDoesNotTakeIsASentence) {
  const DataSpec points{.x = PointSpec{}}, grey = kinds()[0].second;
  EXPECT_THAT([&] { expect_takes(model_entry("pixel_cnn"), points, "pixel_cnn", "ring"); },
              ThrowsMessage<DataError>(HasSubstr("pixel_cnn models pixels and codes; 'ring' holds points")));
  EXPECT_THAT([&] { expect_takes(model_entry("classifier"), grey, "classifier", "photos"); },
              ThrowsMessage<DataError>(HasSubstr("classifier needs data with labels")));
  EXPECT_NO_THROW(expect_takes(model_entry("gan"), points, "gan", "ring"));
}

/// What a model declares is true: on data that it declares it is made or says by ConfigError or DataError what its
/// settings do not allow; any other exception is a mistake in the model.
TEST(Entry, EveryModelIsMadeOfWhatItDeclaresOrSaysWhyNot) {
  for (const ModelCard& card : model_cards()) {
    const Entry& entry = model_entry(card.id);
    int made = 0;
    for (auto [kind, spec] : kinds()) {
      if (std::ranges::find(entry.models, kind) == entry.models.end()) continue;
      spec.condition = made_condition_spec(entry.needs);
      try {
        expect_takes(entry, spec, card.id, kind);
        made += entry.make(Table(), spec, {}) != nullptr;
      } catch (const ConfigError&) {
      } catch (const DataError&) {
      } catch (const std::exception& error) { ADD_FAILURE() << card.id << " on " << kind << ": " << error.what(); }
    }
    EXPECT_GT(made, 0) << card.id;
  }
}

/// Also where `expect_takes` was not asked, by a C++ product for instance.
TEST(Entry, NoModelIsMadeOfOtherData) {
  for (const ModelCard& card : model_cards())
    for (const auto& [kind, spec] : kinds()) {
      const auto& models = model_entry(card.id).models;
      if (std::ranges::find(models, kind) != models.end()) continue;
      EXPECT_THROW(model_entry(card.id).make(Table(), spec, {}), DataError) << card.id << " on " << kind;
    }
}

TEST(Helpers, WhoIsMissingOrCannotDoItIsASentence) {
  struct Idle final : Model {
    std::vector<ParameterGroup> groups() override { return {}; }
    void train_step(const Batch&, Step&) override {}
  } idle;
  Helpers helpers;
  helpers.add("text", idle);
  EXPECT_TRUE(helpers.contains("text"));
  EXPECT_THAT([&] { helpers.get<EmbedsImages>("image"); },
              ThrowsMessage<ConfigError>(HasSubstr("parents.image: is missing; name a run in [parents]")));
  EXPECT_THAT([&] { helpers.get<EmbedsImages>("text"); },
              ThrowsMessage<ConfigError>(HasSubstr("parents.text: the run's model cannot do what this model needs")));
}

}  // namespace
}  // namespace figment
