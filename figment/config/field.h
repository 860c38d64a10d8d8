// One table per struct of settings. The member initialiser is the only default; the member's name is its only name (it
// is read off the member pointer), so neither can be written twice. From the table come the TOML reader and writer,
// JSON, the overrides of the command line and `figment describe`.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace figment {

using Value = std::variant<bool, int64_t, double, std::string, std::vector<int64_t>, std::vector<std::string>>;

struct Range {  // closed; of each element where the member is a list
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
};

/// The number that a setting must exceed for another one to be used.
struct Above {
  double limit;
};

/// A case in which a setting is used: another setting of the same table has one of these words or exceeds a number.
struct Use {
  std::string_view setting = {};                            // the other one's name
  std::array<std::string_view, 4> words = {};               // where that is an enum; the rest are empty
  double above = -std::numeric_limits<double>::infinity();  // where that is a number
};

/// One settable member of a struct, with its type erased: readers and writers of TOML, JSON and help text are ordinary
/// functions over span<const Field>, compiled once.
struct Field {
  std::string_view name, doc;
  Range range = {};
  std::span<const std::string_view> choices = {};  // an enum's words, empty otherwise
  std::span<const Field> (*fields)() = nullptr;    // a nested table's rows, null otherwise
  void* (*member)(void* owner) = nullptr;
  Value (*get)(const void* owner) = nullptr;
  void (*set)(void* owner, const Value&) = nullptr;  // the reader has checked type, choice and range
  void (*validate)(const void* table) = nullptr;     // of a nested table: its own rules across settings
  std::array<Use, 3> uses = {};                      // cases in which it is used; none: always. The rest are empty

  /// States when a setting is used: `field<&C::width>("...").used_when<&C::network>(Kind::kConv, Kind::kResidual)`, or
  /// `.used_when<&C::r1>(Above{0})` for a number. Of several such statements one that holds is enough. Where none does,
  /// the readers refuse every value but the default (`rules.h`).
  template <auto other, class... Values>
  constexpr Field used_when(Values... values) const;
};

template <class T>
inline constexpr auto kFields = T::schema();  // static storage for the rows
template <class E>
inline constexpr auto kWords = words(E{});  // enum: constexpr auto words(E)

template <auto>
struct MemberOf;
template <class C, class T, T C::* pointer>
struct MemberOf<pointer> {
  using Owner = C;
  using Type = T;
};

/// "num_codes" for &Config::num_codes.
template <auto pointer>
constexpr std::string_view name_of() {
  std::string_view text = __PRETTY_FUNCTION__;  // "… [pointer = &figment::vq_vae::Config::num_codes]"
  text = text.substr(text.find('&'));
  text = text.substr(0, text.find_first_of(";)]"));
  return text.substr(text.rfind(':') + 1);
}

template <auto other, class... Values>
constexpr Field Field::used_when(Values... values) const {
  using Type = typename MemberOf<other>::Type;
  static_assert(std::is_enum_v<Type> || std::is_same_v<Type, int64_t> || std::is_same_v<Type, double>);
  Field row = *this;
  Use& use = *std::ranges::find(row.uses, std::string_view(), &Use::setting);  // one too many does not compile
  use.setting = name_of<other>();
  if constexpr (std::is_enum_v<Type>)
    use.words = {kWords<Type>[static_cast<size_t>(static_cast<Type>(values))]...};
  else
    use.above = std::max({static_cast<Above>(values).limit...});
  return row;
}

/// `validate()` of T with its type erased: rules across settings, which throw ConfigError. Null where T has none.
template <class T>
constexpr auto validate_of() -> void (*)(const void*) {
  if constexpr (requires(const T& table) { table.validate(); })
    return [](const void* table) { static_cast<const T*>(table)->validate(); };
  else
    return nullptr;
}

template <auto pointer>
constexpr Field field(std::string_view doc, Range range = {}) {
  static_assert(name_of<pointer>().find(' ') == std::string_view::npos, "settings need a namespace that has a name");
  using Owner = typename MemberOf<pointer>::Owner;
  using Type = typename MemberOf<pointer>::Type;
  Field row{.name = name_of<pointer>(), .doc = doc, .range = range};
  row.member = [](void* owner) -> void* { return &(static_cast<Owner*>(owner)->*pointer); };
  if constexpr (requires { Type::schema(); }) {
    row.fields = [] { return std::span<const Field>(kFields<Type>); };
    row.validate = validate_of<Type>();
  } else if constexpr (std::is_enum_v<Type>) {
    row.choices = kWords<Type>;
    row.get = [](const void* owner) -> Value {
      return std::string(kWords<Type>[static_cast<size_t>(static_cast<const Owner*>(owner)->*pointer)]);
    };
    row.set = [](void* owner, const Value& value) {
      for (size_t i = 0; i < kWords<Type>.size(); ++i)
        if (kWords<Type>[i] == std::get<std::string>(value))
          static_cast<Owner*>(owner)->*pointer = static_cast<Type>(i);
    };
  } else {
    row.get = [](const void* owner) -> Value { return static_cast<const Owner*>(owner)->*pointer; };
    row.set = [](void* owner, const Value& value) { static_cast<Owner*>(owner)->*pointer = std::get<Type>(value); };
  }
  return row;
}

template <class... Rows>
constexpr std::array<Field, sizeof...(Rows)> fields(Rows... rows) {
  return {rows...};
}

struct Anything {
  template <class T>
  operator T() const;  // never defined: used in unevaluated braces only
};

/// Number of members of an aggregate: the longest brace list it accepts.
template <class T, class... Members>
consteval size_t member_count() {
  if constexpr (requires { T{Members{}..., Anything{}}; })
    return member_count<T, Members..., Anything>();
  else
    return sizeof...(Members);
}

/// Every member is listed, and none twice; what decides whether a setting is used is a member of the same struct.
template <class T>
consteval bool complete() {
  const auto& rows = kFields<T>;
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t j = 0; j < i; ++j)
      if (rows[i].name == rows[j].name) return false;
    for (const Use& use : rows[i].uses)
      if (!use.setting.empty() && std::ranges::find(rows, use.setting, &Field::name) == rows.end()) return false;
  }
  return rows.size() == member_count<T>();
}

}  // namespace figment
