// Which settings are used, and the refusal of those that would have no effect. The readers of TOML and JSON share it.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "figment/config/field.h"

namespace figment {

/// Whether anything reads `row` of `owner`: it is always used, or one of its `used_when` holds and the setting that
/// decides is itself used. `rows` are all of the table.
bool is_used(const Field& row, const void* owner, std::span<const Field> rows);

/// "network is conv or residual", "r1 is above 0, or r2 is above 0"; empty for a setting that is always used.
std::string use_in_words(const Field& row, std::span<const Field> rows);

/// Values of all settings of `owner` in the order of the rows, those of nested tables in the place of the table.
std::vector<Value> values_of(const void* owner, std::span<const Field> rows);

/// A setting with a value of its own, although nothing reads it.
struct Unused {
  std::string name;      ///< "mixtures"; of a nested table "trunk.width"
  std::string sentence;  ///< "has no effect here: it is used only where ...; leave it out (...) or ..."
};

/// The first setting that is not used and differs from `defaults` (the `values_of` the owner before it was read).
std::optional<Unused> first_unused(const void* owner, std::span<const Field> rows, std::span<const Value> defaults);

}  // namespace figment
