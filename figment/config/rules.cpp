#include "figment/config/rules.h"

#include <fmt/format.h>

#include "figment/base/text.h"
#include "figment/config/json.h"

namespace figment {
namespace {

bool holds(const Use& use, const Value& value) {
  if (const auto* word = std::get_if<std::string>(&value))
    return std::ranges::find(use.words, *word) != use.words.end();
  if (const auto* whole = std::get_if<int64_t>(&value)) return double(*whole) > use.above;
  return std::get<double>(value) > use.above;
}

std::vector<Use> uses_of(const Field& row) {
  std::vector<Use> uses;
  std::ranges::copy_if(row.uses, std::back_inserter(uses), [](const Use& use) { return !use.setting.empty(); });
  return uses;
}

const Field& named(std::string_view name, std::span<const Field> rows) {
  return *std::ranges::find(rows, name, &Field::name);  // there: `complete` has checked it
}

std::string in_words(const Use& use, std::span<const Field> rows) {
  std::vector<std::string_view> words;
  std::ranges::copy_if(use.words, std::back_inserter(words), [](std::string_view word) { return !word.empty(); });
  return (words.empty() ? fmt::format("{} is above {}", use.setting, use.above)
                        : fmt::format("{} is {}", use.setting, fmt::join(words, " or "))) +
         (uses_of(named(use.setting, rows)).empty() ? "" : " and in effect");
}

/// Names of the settings in the order of `values_of`.
void add_names(const std::string& before, std::span<const Field> rows, std::vector<std::string>& names) {
  for (const Field& row : rows) {
    const std::string name = before + std::string(row.name);
    if (row.fields)
      add_names(name + ".", row.fields(), names);
    else
      names.push_back(name);
  }
}

std::string sentence_of(const Field& row, std::span<const Field> rows, const std::string& name, const Value& standard) {
  std::vector<std::string> deciding;
  for (const Use& use : uses_of(row))
    if (std::ranges::find(deciding, use.setting) == deciding.end()) deciding.emplace_back(use.setting);
  return fmt::format("has no effect here: {} is used only where {}; leave '{}' out (its default is {}), or change {}",
                     row.fields ? fmt::format("[{}]", row.name) : "it", use_in_words(row, rows), name,
                     std::visit([](const auto& value) { return Json(value).dump(); }, standard), listed(deciding));
}

}  // namespace

bool is_used(const Field& row, const void* owner, std::span<const Field> rows) {
  const std::vector<Use> uses = uses_of(row);
  return uses.empty() || std::ranges::any_of(uses, [&](const Use& use) {
           const Field& other = named(use.setting, rows);
           return holds(use, other.get(owner)) && is_used(other, owner, rows);
         });
}

std::string use_in_words(const Field& row, std::span<const Field> rows) {
  std::vector<std::string> cases;
  for (const Use& use : uses_of(row)) cases.push_back(in_words(use, rows));
  return fmt::format("{}", fmt::join(cases, ", or "));
}

std::vector<Value> values_of(const void* owner, std::span<const Field> rows) {
  std::vector<Value> values;
  for (const Field& row : rows) {
    if (!row.fields) {
      values.push_back(row.get(owner));
      continue;
    }
    const std::vector<Value> nested = values_of(row.member(const_cast<void*>(owner)), row.fields());
    values.insert(values.end(), nested.begin(), nested.end());
  }
  return values;
}

std::optional<Unused> first_unused(const void* owner, std::span<const Field> rows, std::span<const Value> defaults) {
  const std::vector<Value> values = values_of(owner, rows);
  size_t first = 0;  // of the row
  for (const Field& row : rows) {
    std::vector<std::string> names;
    add_names("", {&row, 1}, names);
    if (!is_used(row, owner, rows))
      for (size_t i = 0; i < names.size(); ++i)
        if (values[first + i] != defaults[first + i])
          return Unused{names[i], sentence_of(row, rows, names[i], defaults[first + i])};
    first += names.size();
  }
  return std::nullopt;
}

}  // namespace figment
