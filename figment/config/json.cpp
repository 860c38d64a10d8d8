#include "figment/config/json.h"

#include <fmt/format.h>

#include <cmath>

#include "figment/base/error.h"
#include "figment/base/text.h"

namespace figment {
namespace {

Json json_of(const Value& value) {
  return std::visit([](const auto& v) { return Json(v); }, value);
}

std::string_view type_of(const Field& row, const Value& value) {
  if (!row.choices.empty()) return "choice";
  static constexpr std::string_view names[] = {"boolean", "integer", "number", "text", "integers", "texts"};
  return names[value.index()];
}

void check(const Field& row, double value, std::string_view where) {
  if (!(value >= row.range.least && value <= row.range.most))
    throw ConfigError(fmt::format("{}: '{}' must be between {} and {}, got {}", where, row.name, row.range.least,
                                  row.range.most, value));
}

Value checked(const Json& json, const Field& row, const Value& now, std::string_view where) {
  try {
    return std::visit(
        [&](const auto& v) -> Value {
          using T = std::decay_t<decltype(v)>;
          const auto value = json.get<T>();
          if constexpr (std::is_same_v<T, int64_t> || std::is_same_v<T, double>) check(row, double(value), where);
          if constexpr (std::is_same_v<T, std::vector<int64_t>>)
            for (int64_t item : value) check(row, double(item), where);
          if constexpr (std::is_same_v<T, std::string>)
            if (!row.choices.empty() && std::find(row.choices.begin(), row.choices.end(), value) == row.choices.end())
              throw ConfigError(fmt::format("{}: '{}' must be one of {}, got '{}'", where, row.name,
                                            listed({row.choices.begin(), row.choices.end()}), value));
          return value;
        },
        now);
  } catch (const Json::exception&) {
    throw ConfigError(fmt::format("{}: '{}' must be of type {}, got {}", where, row.name, type_of(row, now), json.dump()));
  }
}

}  // namespace

Json to_json(const void* owner, std::span<const Field> rows) {
  Json json = Json::object();
  for (const Field& row : rows)
    json[std::string(row.name)] = row.fields ? to_json(row.member(const_cast<void*>(owner)), row.fields()) : json_of(row.get(owner));
  return json;
}

void from_json(const Json& json, void* owner, std::span<const Field> rows, std::string_view where) {
  if (!json.is_object()) throw ConfigError(fmt::format("{}: must be an object, got {}", where, json.dump()));
  std::vector<std::string> known;
  for (const Field& row : rows) known.emplace_back(row.name);
  for (const auto& [key, value] : json.items())
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw ConfigError(fmt::format("{}: unknown key '{}'{}", where, key, did_you_mean(key, known)));
  for (const Field& row : rows) {
    const auto found = json.find(std::string(row.name));
    if (found == json.end()) continue;
    if (row.fields) from_json(*found, row.member(owner), row.fields(), fmt::format("{}.{}", where, row.name));
    else row.set(owner, checked(*found, row, row.get(owner), where));
  }
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
    all.push_back(std::move(item));
  }
  return all;
}

Json parse_json(std::string_view text, std::string_view source) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    throw ConfigError(fmt::format("{}: is no JSON at byte {}", source, error.byte));
  }
}

}  // namespace figment
