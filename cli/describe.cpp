#include <fmt/format.h>

#include <cstdio>

#include "cli/console.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "figment/base/text.h"
#include "figment/config/rules.h"
#include "figment/models/cards.h"
#include "figment/training/options.h"

namespace figment::cli {
namespace {

/// " (1 to 4096)", " (adam, adamw)", or nothing.
std::string range_of(const Json& row) {
  if (row.contains("choices"))
    return fmt::format(" ({})", fmt::join(row["choices"].get<std::vector<std::string>>(), ", "));
  const auto end = [&](const char* key) { return row.contains(key) ? number(row[key].get<double>()) : "..."; };
  return row.contains("least") || row.contains("most") ? fmt::format(" ({} to {})", end("least"), end("most")) : "";
}

/// "; used only where network is conv" beside each setting of a table, in the order of `schema`, which was made of it.
void add_rows(const Json& schema, std::span<const Field> fields, const std::string& prefix, const std::string& use,
              std::vector<std::vector<std::string>>& rows) {
  for (size_t i = 0; i < fields.size(); ++i) {
    const Json& row = schema[i];
    const std::string name = prefix + row["name"].get<std::string>();
    const std::string own = use_in_words(fields[i], fields), used = own.empty() ? use : "; used only where " + own;
    if (fields[i].fields)
      add_rows(row["fields"], fields[i].fields(), name + ".", used, rows);
    else
      rows.push_back({"  " + name, row["default"].dump(), row["doc"].get<std::string>() + range_of(row) + used});
  }
}

/// The names by which `train` knows the model's recipes: "vae", "vae/colour".
std::vector<std::string> recipes_of(const ModelCard& model) {
  std::vector<std::string> names = {std::string(model.id)};
  for (const NamedRecipe& other : model.others) names.push_back(fmt::format("{}/{}", model.id, other.name));
  return names;
}

Json json_of(const ModelCard& model, std::string_view recipe) {
  return {{"model", model.id},
          {"title", model.card.title},
          {"paper", model.card.paper},
          {"year", model.card.year},
          {"summary", model.card.summary},
          {"recipe", recipe_text(recipe)},
          {"recipes", recipes_of(model)},
          {"settings",
           {{"model", schema_json(model.defaults, model.fields)},
            {"data", schema_json<DataOptions>()},
            {"training", schema_json<TrainingOptions>()}}},
          {"sample_options", schema_json<SampleOptions>()}};
}

void print(const Json& model, const std::string& recipe, std::span<const Field> settings) {
  std::printf("%s (%s, %d)\n%s\n\nSettings: name, default, meaning (range)\n",
              model["title"].get<std::string>().c_str(), model["paper"].get<std::string>().c_str(),
              model["year"].get<int>(), model["summary"].get<std::string>().c_str());
  const std::pair<const char*, std::span<const Field>> tables[] = {
      {"model", settings}, {"data", kFields<DataOptions>}, {"training", kFields<TrainingOptions>}};
  for (const auto& [table, fields] : tables) {
    std::vector<std::vector<std::string>> rows = {{fmt::format("[{}]", table)}};
    add_rows(model["settings"][table], fields, "", "", rows);
    print_table(rows);
  }
  std::printf("\nRecipes: `figment train NAME` with one of %s\n",
              listed(model["recipes"].get<std::vector<std::string>>()).c_str());
  std::printf("Recipe of `figment train %s` (it overrides the defaults above):\n\n%s", recipe.c_str(),
              model["recipe"].get<std::string>().c_str());
}

}  // namespace

Verb describe(CLI::App& program) {
  CLI::App* app = program.add_subcommand("describe", "show what a model is, its settings and its recipe");
  auto id = std::make_shared<std::string>();
  auto common = std::make_shared<Common>();
  auto recipe = std::make_shared<bool>(false);
  app->add_option("MODEL", *id, "one of `figment models`, or a recipe of one: vae/colour")->required()->type_name("");
  app->add_flag("--recipe", *recipe, "the recipe alone, as a file of your own begins");
  add_common(*app, *common, kComputesNothing);
  app->footer(
      "Examples\n"
      "  figment describe vae\n"
      "  figment describe vae --recipe > mine.toml\n"
      "  figment describe vae/colour --recipe > photos.toml\n"
      "  figment describe vae --json");
  return {app, [=] {
            const ModelCard& card = model_card(model_and_recipe(*id).first);
            const Json model = json_of(card, *id);
            if (common->json)
              print_json(*recipe ? Json{{"recipe", model["recipe"]}} : model);
            else if (*recipe)
              std::fputs(model["recipe"].get<std::string>().c_str(), stdout);
            else
              print(model, *id, card.fields);
          }};
}

}  // namespace figment::cli
