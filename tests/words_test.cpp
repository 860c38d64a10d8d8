// Whatever a model logs or shows has words for people.
#include <gmock/gmock.h>

#include <set>

#include "figment/base/error.h"
#include "figment/contracts/capabilities.h"
#include "figment/models/cards.h"
#include "figment/models/entries.h"
#include "figment/pages/report_words.h"
#include "tests/made_data.h"

namespace figment {
namespace {

/// Notes the names of what a model minimises and observes. Every step is one of those that are taken now and then.
class Names final : public Step {
 public:
  void minimize(int, const Batch& batch, const Objective& objective) override {
    for (const LossTerm& term : objective(batch)) seen.emplace(term.name);
  }
  void observe(std::string_view metric, const Tensor&) override {
    seen.emplace(metric.substr(metric.rfind('/') + 1));  // the report knows "minimax/slope" by "slope"
  }
  int64_t iteration() const override { return (1 << 20) * 100 - 1; }
  double images() const override { return 1e9; }
  double progress() const override { return 0.5; }
  std::set<std::string> seen;
};

/// A model of each kind of loss: with these settings it logs all its names.
constexpr std::pair<std::string_view, std::string_view> kCases[] = {
    {"classifier", ""},       {"gan", "r2 = 1\ngradient_penalty = 1"},       {"pixel_cnn", ""},
    {"vae", "free_bits = 1"}, {"vq_vae", "quantizer.codebook = 'gradient'"}, {"vq_vae", "head = 'categorical'"},
};

TEST(Words, WhateverAModelLogsOrShowsIsExplained) {
  std::set<std::string_view> ids;
  const DataSpec spec{.x = PixelSpec{.channels = 1, .height = 16, .width = 16},
                      .condition = made_condition_spec({"labels"})};
  for (const auto& [id, settings] : kCases) {
    ids.insert(id);
    const Batch batch = made_batch(spec, 8, 1);
    const auto model = model_entry(id).make(Table::parse(settings, "settings"), spec, {});
    model->train();
    Names names;
    model->train_step(batch, names);
    if (auto* gauges = dynamic_cast<Gauges*>(model.get()))
      for (const Gauge& gauge : gauges->gauge(batch)) names.seen.insert(gauge.name);
    for (const std::string& name : names.seen) EXPECT_NE(words_of(name).sentence, "") << id << ": " << name;
    if (auto* shows = dynamic_cast<Shows*>(model.get())) {
      for (const Exhibit& exhibit : shows->show(batch))
        EXPECT_NE(std::ranges::find(model_card(id).card.terms, exhibit.name, &Term::name),
                  model_card(id).card.terms.end())
            << id << ": " << exhibit.name;
    }
  }
  for (const ModelCard& model : model_cards()) EXPECT_TRUE(ids.contains(model.id)) << "add it to kCases: " << model.id;
}

TEST(Words, CodesOfPixelCnnAreExplainedToo) {
  const DataSpec spec{.x = CodeSpec{.num_codes = 6, .height = 4, .width = 4}};
  Names names;
  model_entry("pixel_cnn").make(Table(), spec, {})->train_step(made_batch(spec, 4, 1), names);
  for (const std::string& name : names.seen) EXPECT_NE(words_of(name).sentence, "") << name;
}

}  // namespace
}  // namespace figment
