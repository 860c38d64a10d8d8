// Structs with a schema ⇄ JSON, and the schema itself as JSON: what `describe --json` prints and the studio's forms
// use.
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string_view>

#include "figment/config/field.h"

namespace figment {

using Json = nlohmann::ordered_json;

Json to_json(const void* owner, std::span<const Field> rows);
/// The same checks as `Table::read_into` makes; `where` begins the sentence of a ConfigError.
void from_json(const Json&, void* owner, std::span<const Field> rows, std::string_view where,
               void (*validate)(const void*) = nullptr);

/// [{name, type, default, doc, least, most, choices, used_when, fields}] of a default-constructed owner. `used_when`
/// lists cases, of which one is enough: {setting, values} or {setting, above}; without it a setting is always used.
Json schema_json(const void* defaults, std::span<const Field> rows);

template <class T>
Json to_json(const T& owner) {
  return to_json(&owner, kFields<T>);
}
template <class T>
T from_json(const Json& json, std::string_view where) {
  T owner;
  from_json(json, &owner, kFields<T>, where, validate_of<T>());
  return owner;
}
template <class T>
Json schema_json() {
  const T defaults;
  return schema_json(&defaults, kFields<T>);
}

/// Parses text that may come from anywhere: at most 64 MiB and 64 levels. ConfigError says where it is no JSON.
Json parse_json(std::string_view text, std::string_view source);

/// JSON as text, the one way to write it: names of files may be no UTF-8, and what is none becomes escapes such as
/// \xff. `indent` as in nlohmann's dump.
std::string json_text(const Json&, int indent = -1);

/// The whole number that a value is, 5.0 too; nothing where it is none or does not fit: the library's own conversion
/// would cut 1.5 to 1 and wrap 2^63.
std::optional<int64_t> integer_of(const Json&);

/// json["data"]["train"] for {"data", "train"}; null where any part is missing or of another type.
const Json& find(const Json&, std::initializer_list<const char*> path);

/// A JSON value as people read it: text as it is, numbers with commas, "" for null, lists
/// joined. What is nested deeper becomes "…".
std::string spoken(const Json&);
/// The same without commas in whole numbers: what is copied rather than read (seeds, versions).
std::string exact(const Json&);

}  // namespace figment
