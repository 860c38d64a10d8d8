#include <fmt/format.h>

#include <algorithm>

#include "figment/base/text.h"
#include "figment/data/options.h"
#include "figment/pages/page.h"
#include "figment/pages/report_sections.h"
#include "figment/training/options.h"

namespace figment {
namespace {

/// Keys in the order of the schema; those it does not have come first.
std::vector<std::string> in_order_of(std::span<const Field> docs, const std::vector<std::string>& keys) {
  std::vector<std::string> ordered;
  for (const std::string& key : keys)
    if (std::ranges::find(docs, key, &Field::name) == docs.end()) ordered.push_back(key);
  for (const Field& doc : docs)
    if (std::ranges::find(keys, doc.name) != keys.end()) ordered.emplace_back(doc.name);
  return ordered;
}

/// Rows of one table of the recipe and the tables within it; `docs` are the schema's rows where it is known.
void add_options(std::string& out, const Table& table, const std::string& name, std::span<const Field> docs) {
  std::vector<Row> rows;
  std::string nested;
  for (const std::string& key : in_order_of(docs, table.keys())) {
    const auto doc = std::ranges::find(docs, key, &Field::name);
    const std::string value = table.spoken(key);
    if (!value.empty()) {
      rows.push_back({{key, value, doc == docs.end() ? "" : std::string(doc->doc)}});
      continue;
    }
    add_options(nested, part_of(table, key), name + "." + key,
                doc != docs.end() && doc->fields ? doc->fields() : std::span<const Field>());
  }
  if (!rows.empty())
    out += fmt::format("<h3>[{}]</h3>\n<div class=\"wide\">{}</div>\n", escaped(name),
                       html_table({"Option", "Value", "Meaning"}, rows));
  out += nested;
}

std::string command(std::string_view meaning, std::string_view line) {
  return fmt::format("<div><p>{}</p><pre>{}</pre></div>\n", escaped(meaning), escaped(line));
}

void add_provenance(std::vector<Row>& rows, const Json& object, const std::string& prefix) {
  for (const auto& [key, value] : object.items()) {
    if (value.is_object() && prefix.empty())
      add_provenance(rows, value, key + " · ");
    else
      rows.push_back({{prefix + key, exact(value)}});
  }
}

}  // namespace

std::string options_section(const RunRecord& run) {
  std::string out;
  std::vector<std::string> parts = run.recipe.keys();
  const auto place = [](const std::string& part) {
    return part == "model" ? 0 : part == "data" ? 1 : part == "training" ? 2 : 3;
  };
  std::ranges::sort(parts, {}, [&](const std::string& part) { return std::pair(place(part), part); });
  for (const std::string& part : parts) {
    std::span<const Field> docs;
    if (part == "training") docs = kFields<TrainingOptions>;
    if (part == "data") docs = kFields<DataOptions>;
    if (const ModelCard* card = card_of(run); part == "model" && card) docs = card->fields;
    add_options(out, part_of(run.recipe, part), part, docs);
  }
  return section("Options", "Every setting of this run, defaults included, as recipe.toml keeps them.", out);
}

std::string commands_section(const RunRecord& run) {
  const std::string folder = shell_quoted(folder_name(run)), typed = spoken(find(run.manifest, {"command"}));
  std::string out;
  if (!typed.empty()) out += command("As it was typed:", typed);
  out += command("The same again, whatever later versions take as default:",
                 fmt::format("figment train {}", shell_quoted(folder_name(run) + "/recipe.toml")));
  if (!finish_of(run)) out += command("Continue where it stopped:", fmt::format("figment resume {}", folder));
  if (run.pictures.contains("samples"))
    out += command("Draw 64 new images:", fmt::format("figment sample {} -n 64 -o samples.png", folder));
  out += command("Measure it on the test images:", fmt::format("figment evaluate {}", folder));
  return section("Commands",
                 "The same version, number of threads, precision and kind of processor give the same bytes again.",
                 "<div class=\"commands\">\n" + out + "</div>\n");
}

std::string provenance_section(const RunRecord& run) {
  std::vector<Row> rows;
  add_provenance(rows, run.manifest, "");
  return section("Provenance", "Versions, machine and hashes: the same hash means the same bytes.",
                 rows.empty() ? "" : html_table({"", ""}, rows));
}

}  // namespace figment
