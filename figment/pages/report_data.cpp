#include <fmt/format.h>

#include <algorithm>

#include "figment/base/text.h"
#include "figment/pages/page.h"
#include "figment/pages/report_sections.h"
#include "figment/pages/report_words.h"

namespace figment {
namespace {

constexpr size_t kNamed = 5;  // entries of a list that are written out

/// "(T-shirt/top, Trouser, …)"; "" of an empty list.
std::string first_of(const Json& list) {
  std::string text;
  for (size_t i = 0; i < std::min(kNamed, list.size()); ++i) text += (i > 0 ? ", " : " (") + spoken(list[i]);
  if (list.size() > kNamed) text += ", …";
  return text.empty() ? "" : text + ")";
}

/// Every member of a specification, whatever they are called: "max tokens 32, 512 vocabulary (a, b, …)".
std::string members_of(const Json& spec) {
  std::string text;
  for (const auto& [key, value] : spec.items()) {
    std::string name = key;
    std::ranges::replace(name, '_', ' ');
    text += text.empty() ? "" : ", ";
    text += value.is_array() ? fmt::format("{} {}{}", value.size(), name, first_of(value))
                             : fmt::format("{} {}", name, spoken(value));
  }
  return text;
}

/// What one entry of data.json holds, in words.
std::string held_by(const std::string& kind, const Json& spec) {
  if (!spec.is_object()) return spoken(spec);
  if (kind == "image" || kind == "codes") return grid_words(spec);
  if (const Json& names = find(spec, {"names"}); kind == "labels" && names.is_array())
    return counted(int64_t(names.size()), "value") + first_of(names);
  if (const Json& tensors = find(spec, {"tensors"}); kind == "others" && tensors.is_array())
    return fmt::format("tensors {}", spoken(tensors));
  return members_of(spec);
}

/// What a kind of data.json is called on the page; the first attribute is the class.
std::string kind_words(const std::string& kind, size_t place) {
  if (kind == "labels") return place == 0 ? "class" : "attribute";
  if (kind == "image") return "picture";
  return kind == "others" ? "own kind of the product" : kind;
}

/// A row for each: a kind that may be there several times is a list, or an object of names.
void add_kind(const std::string& kind, const Json& specs, std::vector<Row>& rows) {
  const auto add = [&](const std::string& name, const Json& spec, size_t place = 0) {
    rows.push_back({{name, kind_words(kind, place), held_by(kind, spec)}});
  };
  if (kind == "others" && specs.is_object())
    for (const auto& [name, spec] : specs.items()) add(name, spec);
  else if (specs.is_array())
    for (size_t i = 0; i < specs.size(); ++i) {
      const std::string name = spoken(find(specs[i], {"name"}));
      add(name.empty() ? fmt::format("{} {}", kind, i + 1) : name, specs[i], i);
    }
  else
    add(kind, specs);
}

}  // namespace

std::string image_words(const RunRecord& run) {
  const std::string example = example_words(run.data);
  const Json& labels = find(run.data, {"condition", "labels"});
  const Json& names = labels.is_array() && !labels.empty() ? find(labels[0], {"names"}) : Json();
  if (example.empty() || !names.is_array() || names.empty()) return example;
  return fmt::format("{}; one of {} {}", example, names.size(), names.size() == 1 ? "class" : "classes");
}

std::string data_section(const RunRecord& run) {
  std::vector<Row> rows;
  if (const Json& condition = find(run.data, {"condition"}); condition.is_object())
    for (const auto& [kind, specs] : condition.items()) add_kind(kind, specs, rows);
  return section(
      "Conditions in the data",
      "What the data set holds for each image besides the image itself. A conditional model can use it when it draws.",
      rows.empty() ? "" : "<div class=\"wide\">" + html_table({"Name", "Kind", "What it holds"}, rows) + "</div>\n");
}

}  // namespace figment
