#include "figment/contracts/spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "figment/base/error.h"
#include "figment/base/text.h"

namespace figment {
namespace {

/// The one list of a condition's kinds: an optional spec, a list of specs, or specs by name.
template <class Spec, class F>
void each_kind(Spec& spec, F&& f) {
  auto& [labels, text, image, audio, layout, embedding, codes, others] = spec;  // a new member breaks this line
  f("labels", labels), f("text", text), f("image", image), f("audio", audio), f("layout", layout),
      f("embedding", embedding), f("codes", codes), f("others", others);
}

template <class T>
bool is_there(const std::optional<T>& kind) {
  return kind.has_value();
}
template <class T>
bool is_there(const T& kinds) {
  return !kinds.empty();
}

template <class T>
Json json_of(const std::optional<T>& kind) {
  return to_json(*kind);
}
template <class T>
Json json_of(const std::vector<T>& list) {
  Json json = Json::array();
  for (const T& kind : list) json.push_back(to_json(kind));
  return json;
}
template <class T>
Json json_of(const std::map<std::string, T>& named) {
  Json json = Json::object();
  for (const auto& [name, kind] : named) json[name] = to_json(kind);
  return json;
}

template <class T>
void read_kind(const Json& json, std::string_view where, std::optional<T>& kind) {
  kind = from_json<T>(json, where);
}
template <class T>
void read_kind(const Json& json, std::string_view where, std::vector<T>& list) {
  for (const Json& kind : json) list.push_back(from_json<T>(kind, where));
}
template <class T>
void read_kind(const Json& json, std::string_view where, std::map<std::string, T>& named) {
  for (const auto& [name, kind] : json.items()) named[name] = from_json<T>(kind, where);
}

constexpr int64_t kMostValues = int64_t(1) << 28;  // of an example; the largest picture that is read has as many

void expect_possible(std::string_view where, std::string_view what, int64_t values) {
  if (values < 1 || values > kMostValues)
    throw ConfigError(fmt::format("{}: '{}' must say how large an example is, from 1 to {} values, got {}", where, what,
                                  with_commas(kMostValues), with_commas(values)));
}
void expect_possible(std::string_view where, std::string_view what, const PixelSpec& spec) {
  expect_possible(where, what, spec.dimensions());
}
void expect_possible(std::string_view where, std::string_view what, const CodeSpec& spec) {
  expect_possible(where, what, spec.num_codes > 0 ? spec.height * spec.width : 0);
}
void expect_possible(std::string_view where, std::string_view what, const PointSpec& spec) {
  expect_possible(where, what, spec.numbers);
}

/// What each setting alone allows and all together do not. The file may come from anywhere.
void expect_possible(std::string_view where, const DataSpec& spec) {
  std::visit([&](const auto& x) { expect_possible(where, held_by(spec), x); }, spec.x);
  const ConditionSpec& condition = spec.condition;
  if (condition.image) expect_possible(where, "image", *condition.image);
  for (const CodeSpec& codes : condition.codes) expect_possible(where, "codes", codes);
  if (const auto& audio = condition.audio) expect_possible(where, "audio", audio->mels * audio->max_frames);
  if (const auto& embedding = condition.embedding)
    expect_possible(where, "embedding", embedding->size * std::max<int64_t>(1, embedding->max_tokens));
  for (const LabelSpec& label : condition.labels)
    if (label.names.empty())
      throw ConfigError(fmt::format("{}: the attribute '{}' must have at least one name", where, label.name));
  if (condition.text && condition.text->max_tokens > 0 && condition.text->vocabulary.empty())
    throw ConfigError(fmt::format("{}: 'text' must have words in its vocabulary", where));
  if (condition.layout && condition.layout->max_objects > 0 && condition.layout->names.empty())
    throw ConfigError(fmt::format("{}: 'layout' must have names of objects", where));
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
  each_kind(*this, [&](std::string_view name, const auto& kind) {
    if (is_there(kind) && name != "others") all.emplace_back(name);
  });
  for (const auto& [name, other] : others) all.push_back(name);
  return all;
}

ConditionSpec joined(ConditionSpec a, const ConditionSpec& b) {
  auto& [labels, text, image, audio, layout, embedding, codes, others] = a;  // a new member breaks this line
  if (labels.size() < b.labels.size()) labels = b.labels;
  if (!text) text = b.text;
  if (!image) image = b.image;
  if (!audio) audio = b.audio;
  if (!layout) layout = b.layout;
  if (!embedding) embedding = b.embedding;
  static_cast<void>(codes);
  others.insert(b.others.begin(), b.others.end());
  return a;
}

std::string_view held_by(const DataSpec& spec) { return name_of(spec.x); }

const PixelSpec& pixels(const DataSpec& spec) {
  if (const auto* found = std::get_if<PixelSpec>(&spec.x)) return *found;
  throw DataError(fmt::format("this model needs pixels; the data holds {}", name_of(spec.x)));
}

Json to_json(const DataSpec& spec) {
  Json json;
  std::visit([&](const auto& x) { json[name_of(spec.x)] = to_json(x); }, spec.x);
  Json condition = Json::object();
  each_kind(spec.condition, [&](const char* name, const auto& kind) {
    if (is_there(kind)) condition[name] = json_of(kind);
  });
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
  size_t known = 0;
  each_kind(spec.condition, [&](const char* name, auto& kind) {
    if (!condition.contains(name)) return;
    read_kind(condition[name], where, kind);
    ++known;
  });
  if (known != condition.size())
    throw ConfigError(fmt::format(
        "{}: 'condition' names a kind that this figment does not know; an older or a newer one wrote it", where));
  expect_possible(where, spec);
  return spec;
}

}  // namespace figment
