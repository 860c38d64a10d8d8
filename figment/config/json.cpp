#include "figment/config/json.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "figment/base/error.h"
#include "figment/base/printable.h"
#include "figment/base/text.h"
#include "figment/config/rules.h"

namespace figment {
namespace {

constexpr int kDeepestJson = 64;
constexpr size_t kMostJsonBytes = size_t(64) << 20;

Json json_of(const Value& value) {
  return std::visit([](const auto& v) { return Json(v); }, value);
}

std::string_view type_of(const Field& row, const Value& value) {
  if (!row.choices.empty()) return "choice";
  static constexpr std::string_view names[] = {"boolean", "integer", "number", "text", "integers", "texts"};
  return names[value.index()];
}

std::string shortened(const Json& json) {
  const std::string text = json.dump();
  return text.size() <= 80 ? text : text.substr(0, 80) + "...";
}

void check(const Field& row, double value, std::string_view where) {
  if (!(value >= row.range.least && value <= row.range.most))
    throw ConfigError(fmt::format("{}: '{}' must be between {} and {}, got {}", where, row.name, row.range.least,
                                  row.range.most, value));
}

template <class T>
T exactly(const Json& json, const Field& row, const Value& now, std::string_view where) {
  const auto wrong = [&] {
    return ConfigError(
        fmt::format("{}: '{}' must be of type {}, got {}", where, row.name, type_of(row, now), shortened(json)));
  };
  if constexpr (std::is_same_v<T, int64_t>) {
    if (const auto value = integer_of(json)) return *value;
    throw wrong();
  } else if constexpr (std::is_same_v<T, std::vector<int64_t>>) {
    T all;
    if (!json.is_array()) throw wrong();
    for (const Json& item : json) all.push_back(exactly<int64_t>(item, row, now, where));
    return all;
  } else {
    try {
      return json.get<T>();
    } catch (const Json::exception&) { throw wrong(); }
  }
}

Value checked(const Json& json, const Field& row, const Value& now, std::string_view where) {
  return std::visit(
      [&](const auto& v) -> Value {
        using T = std::decay_t<decltype(v)>;
        const T value = exactly<T>(json, row, now, where);
        if constexpr (std::is_same_v<T, int64_t> || std::is_same_v<T, double>) check(row, double(value), where);
        if constexpr (std::is_same_v<T, std::vector<int64_t>>)
          for (int64_t item : value) check(row, double(item), where);
        if constexpr (std::is_same_v<T, std::string>) {
          const std::vector<std::string> words(row.choices.begin(), row.choices.end());
          if (!words.empty() && std::find(words.begin(), words.end(), value) == words.end())
            throw ConfigError(fmt::format("{}: '{}' {}", where, row.name, must_be_one_of(words, value)));
        }
        return value;
      },
      now);
}

/// The same with every text and every key as UTF-8.
Json as_utf8(const Json& json) {
  if (json.is_string()) return valid_utf8(json.get_ref<const std::string&>());
  if (!json.is_structured()) return json;
  Json out = json.is_array() ? Json::array() : Json::object();
  for (const auto& [key, value] : json.items())
    if (json.is_array())
      out.push_back(as_utf8(value));
    else
      out[valid_utf8(key)] = as_utf8(value);
  return out;
}

Json uses_json(const Field& row) {
  Json uses = Json::array();
  for (const Use& use : row.uses) {
    if (use.setting.empty()) continue;
    Json one = {{"setting", use.setting}};
    if (std::isfinite(use.above)) one["above"] = use.above;
    for (const std::string_view word : use.words)
      if (!word.empty()) one["values"].push_back(word);
    uses.push_back(std::move(one));
  }
  return uses;
}

}  // namespace

Json to_json(const void* owner, std::span<const Field> rows) {
  Json json = Json::object();
  for (const Field& row : rows)
    json[std::string(row.name)] =
        row.fields ? to_json(row.member(const_cast<void*>(owner)), row.fields()) : json_of(row.get(owner));
  return json;
}

void from_json(const Json& json, void* owner, std::span<const Field> rows, std::string_view where,
               void (*validate)(const void*)) {
  if (!json.is_object()) throw ConfigError(fmt::format("{}: must be an object, got {}", where, shortened(json)));
  std::vector<std::string> known;
  for (const Field& row : rows) known.emplace_back(row.name);
  for (const auto& [key, value] : json.items())
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw ConfigError(fmt::format("{}: unknown key '{}'{}", where, key, did_you_mean(key, known)));
  const std::vector<Value> defaults = values_of(owner, rows);
  for (const Field& row : rows) {
    const auto found = json.find(std::string(row.name));
    if (found == json.end()) continue;
    if (row.fields)
      from_json(*found, row.member(owner), row.fields(), fmt::format("{}.{}", where, row.name), row.validate);
    else
      row.set(owner, checked(*found, row, row.get(owner), where));
  }
  if (const auto unused = first_unused(owner, rows, defaults))
    throw ConfigError(fmt::format("{}: '{}' {}", where, unused->name, unused->sentence));
  try {
    if (validate) validate(owner);
  } catch (const ConfigError& error) { throw ConfigError(fmt::format("{}: {}", where, error.what())); }
}

Json schema_json(const void* defaults, std::span<const Field> rows) {
  Json all = Json::array();
  for (const Field& row : rows) {
    Json item = {{"name", row.name}, {"doc", row.doc}};
    if (row.fields) {
      item["type"] = "table";
      item["fields"] = schema_json(row.member(const_cast<void*>(defaults)), row.fields());
    } else {
      const Value value = row.get(defaults);
      item["type"] = type_of(row, value);
      item["default"] = json_of(value);
      if (std::isfinite(row.range.least)) item["least"] = row.range.least;
      if (std::isfinite(row.range.most)) item["most"] = row.range.most;
      if (!row.choices.empty()) item["choices"] = std::vector<std::string>(row.choices.begin(), row.choices.end());
    }
    if (Json uses = uses_json(row); !uses.empty()) item["used_when"] = std::move(uses);
    all.push_back(std::move(item));
  }
  return all;
}

Json parse_json(std::string_view text, std::string_view source) {
  if (text.size() > kMostJsonBytes)
    throw ConfigError(fmt::format("{}: has {}; at most {} of JSON are read", source,
                                  counted(int64_t(text.size()), "byte"), with_commas(kMostJsonBytes)));
  const auto shallow = [&](int depth, Json::parse_event_t,
                           Json&) {  // writing and destroying recurse, so depth is a danger
    if (depth > kDeepestJson)
      throw ConfigError(fmt::format("{}: is nested deeper than {} levels", source, kDeepestJson));
    return true;
  };
  try {
    return Json::parse(text, shallow);
  } catch (const Json::parse_error& error) {
    throw ConfigError(fmt::format("{}: is no JSON at byte {}", source, error.byte));
  } catch (const Json::exception&) { throw ConfigError(fmt::format("{}: holds a number too large for JSON", source)); }
}

std::string json_text(const Json& json, int indent) {
  try {
    return json.dump(indent);
  } catch (const Json::type_error&) { return as_utf8(json).dump(indent); }
}

std::optional<int64_t> integer_of(const Json& json) {
  if (json.is_number_unsigned() && json.get<uint64_t>() > uint64_t(std::numeric_limits<int64_t>::max()))
    return std::nullopt;
  if (json.is_number_integer()) return json.get<int64_t>();
  if (!json.is_number_float()) return std::nullopt;
  const auto real = json.get<double>();
  return real == std::floor(real) && std::abs(real) < 9e15 ? std::optional(int64_t(real)) : std::nullopt;
}

const Json& find(const Json& json, std::initializer_list<const char*> path) {
  static const Json nothing;
  const Json* at = &json;
  for (const char* key : path) {
    if (!at->is_object() || !at->contains(key)) return nothing;
    at = &(*at)[key];
  }
  return *at;
}

std::string spoken(const Json& json) {
  if (json.is_null()) return "";
  if (json.is_string()) return json.get<std::string>();
  if (json.is_boolean()) return json.get<bool>() ? "yes" : "no";
  if (const auto whole = integer_of(json); whole && json.is_number_integer()) return with_commas(*whole);
  if (json.is_number()) return readable(json.get<double>());
  if (!json.is_array()) return "…";
  std::vector<std::string> items;
  for (const Json& item : json) items.push_back(item.is_structured() ? "…" : spoken(item));
  return fmt::format("{}", fmt::join(items, ", "));
}

std::string exact(const Json& json) { return json.is_number_integer() ? json.dump() : spoken(json); }

}  // namespace figment
