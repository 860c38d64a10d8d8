#include "figment/contracts/spec.h"

#include <fmt/format.h>

#include <array>

#include "figment/base/error.h"

namespace figment {
namespace {

/// The one list of a condition's kinds that have a single spec; `codes` is the one that has many.
template <class Spec, class F>
void each_kind(Spec& spec, F&& f) {
  auto& [label, text, image, audio, layout, embedding, codes] = spec;  // a new member breaks this line
  f("label", label), f("text", text), f("image", image), f("audio", audio), f("layout", layout),
      f("embedding", embedding);
  static_cast<void>(codes);
}

/// What x holds, as data.json says it: the names in the order of the variant.
constexpr std::array kHeld = {"pixels", "codes", "points"};
using Held = decltype(DataSpec::x);
static_assert(std::variant_size_v<Held> == kHeld.size());
const char* name_of(const Held& x) { return kHeld[x.index()]; }

/// Reads the member that is there into the alternative of that name.
template <size_t I = 0>
bool read_held(const Json& json, std::string_view where, Held& x) {
  if constexpr (I == kHeld.size()) {
    return false;
  } else {
    if (!json.contains(kHeld[I])) return read_held<I + 1>(json, where, x);
    x = from_json<std::variant_alternative_t<I, Held>>(json[kHeld[I]], where);
    return true;
  }
}

}  // namespace

std::vector<std::string> ConditionSpec::kinds() const {
  std::vector<std::string> all;
  each_kind(*this, [&](const char* name, const auto& kind) {
    if (kind) all.emplace_back(name);
  });
  if (!codes.empty()) all.emplace_back("codes");
  return all;
}

const PixelSpec& pixels(const DataSpec& spec) {
  if (const auto* found = std::get_if<PixelSpec>(&spec.x)) return *found;
  throw DataError(fmt::format("this model needs pixels; the data holds {}", name_of(spec.x)));
}

Json to_json(const DataSpec& spec) {
  Json json;
  std::visit([&](const auto& x) { json[name_of(spec.x)] = to_json(x); }, spec.x);
  Json condition = Json::object();
  each_kind(spec.condition, [&](const char* name, const auto& kind) {
    if (kind) condition[name] = to_json(*kind);
  });
  for (const CodeSpec& grid : spec.condition.codes) condition["codes"].push_back(to_json(grid));
  json["condition"] = std::move(condition);
  return json;
}

DataSpec data_spec_from_json(const Json& json, std::string_view where) {
  const auto required = [&](const Json& parent, const char* key) -> const Json& {
    const auto found = parent.is_object() ? parent.find(key) : parent.end();
    if (!parent.is_object() || found == parent.end()) throw ConfigError(fmt::format("{}: '{}' is missing", where, key));
    return *found;
  };
  DataSpec spec;
  if (!json.is_object() || !read_held(json, where, spec.x))
    throw ConfigError(
        fmt::format("{}: one of {} must say what the data holds; there is none", where, fmt::join(kHeld, ", ")));
  const Json& condition = required(json, "condition");
  each_kind(spec.condition, [&](const char* name, auto& kind) {
    using Kind = typename std::decay_t<decltype(kind)>::value_type;
    if (condition.contains(name)) kind = from_json<Kind>(condition[name], where);
  });
  if (condition.contains("codes"))
    for (const Json& grid : condition["codes"]) spec.condition.codes.push_back(from_json<CodeSpec>(grid, where));
  return spec;
}

}  // namespace figment
