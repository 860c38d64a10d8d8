#include "figment/models/cards.h"

#include <fmt/format.h>

#include "cli/console.h"
#include "cli/options.h"
#include "cli/verbs.h"

namespace figment::cli {

Verb models(CLI::App& program) {
  CLI::App* app = program.add_subcommand("models", "list the models that figment has");
  auto common = std::make_shared<Common>();
  add_common(*app, *common, kComputesNothing);
  app->footer("Example\n  figment models");
  return {
      app, [=] {
        Json all = Json::array();
        std::vector<std::vector<std::string>> rows;
        for (const auto& [id, card, fields, recipe, others, defaults, check] : model_cards()) {
          all.push_back({{"model", id},
                         {"title", card.title},
                         {"paper", card.paper},
                         {"year", card.year},
                         {"summary", card.summary}});
          rows.push_back({std::string(id), fmt::format("{} ({})", card.title, card.year), std::string(card.summary)});
        }
        if (common->json)
          print_json({{"models", all}});
        else
          print_table(rows);
      }};
}

}  // namespace figment::cli
