// Structs with a schema ⇄ JSON, and the schema itself as JSON: what `describe --json` prints and the studio's forms
// use.
#pragma once
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include "figment/config/field.h"

namespace figment {

using Json = nlohmann::ordered_json;

Json to_json(const void* owner, std::span<const Field> rows);
/// Keys that are no rows, wrong types and values out of range throw ConfigError; `where` begins the sentence.
void from_json(const Json&, void* owner, std::span<const Field> rows, std::string_view where);

/// [{name, type, default, doc, least, most, choices, fields}] of a default-constructed owner.
Json schema_json(const void* defaults, std::span<const Field> rows);

template <class T>
Json to_json(const T& owner) {
  return to_json(&owner, kFields<T>);
}
template <class T>
T from_json(const Json& json, std::string_view where) {
  T owner;
  from_json(json, &owner, kFields<T>, where);
  if constexpr (requires { owner.validate(); }) owner.validate();  // rules across fields: throws ConfigError
  return owner;
}
template <class T>
Json schema_json() {
  const T defaults;
  return schema_json(&defaults, kFields<T>);
}

/// Parses text of at most 64 levels; ConfigError says where it is no JSON.
Json parse_json(std::string_view text, std::string_view source);

}  // namespace figment
