// TOML text ⇄ structs with a schema. Errors name the place: `recipe.toml:14:1: unknown key 'num_code' in [model]; did
// you mean 'num_codes'?`.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "figment/config/field.h"

namespace figment {

/// A parsed TOML table that remembers where each value stood.
class Table {
 public:
  Table();
  ~Table();
  Table(const Table&);
  Table& operator=(const Table&);
  Table(Table&&) noexcept;
  Table& operator=(Table&&) noexcept;

  /// Parses text that may come from anywhere: at most 1 MiB and 32 levels. Throws ConfigError with line and column.
  /// `source` is the name that errors give.
  static Table parse(std::string_view text, std::string_view source);
  static Table load(const std::filesystem::path&);

  /// `set("model.beta", "0.5")`: the value in TOML, or a bare word as a string. Creates the tables on the way.
  void set(std::string_view dotted_key, std::string_view value);
  /// A string, whatever the letters: a folder may be called 123 or true. Throws ConfigError where it is no UTF-8.
  void set_text(std::string_view dotted_key, std::string_view text);
  /// `assign("model.beta=0.5")`, as the command line has it.
  void assign(std::string_view key_and_value);

  bool has(std::string_view key) const;
  std::vector<std::string> keys() const;
  Table child(std::string_view key) const;  ///< empty when absent; ConfigError when it is no table
  std::optional<std::string> text_at(std::string_view key) const;  ///< ConfigError when it is no string
  /// A setting as people read it, text without quotes; "" when it is absent or a table.
  std::string spoken(std::string_view key) const;
  void erase(std::string_view key);
  void put(std::string_view key, const Table& child);  ///< as a table of its own, replacing what was there
  std::string toml() const;

  /// Fills `owner`, which holds the defaults, from this table by its rows. Every key must be a row or one of `also`;
  /// types, choices and ranges are checked, in nested tables too their own rules across settings, and that no setting
  /// has a value of its own where nothing reads it. Throws ConfigError.
  void read_into(void* owner, std::span<const Field> rows, const std::vector<std::string>& also = {},
                 void (*validate)(const void*) = nullptr) const;
  /// Writes every row of `owner` into the table at `key` ("" for this table).
  void write_from(std::string_view key, const void* owner, std::span<const Field> rows);

  struct State;

 private:
  std::unique_ptr<State> state_;
};

template <class Config>
Config read(const Table& table, const std::vector<std::string>& also = {}) {
  Config config;
  table.read_into(&config, kFields<Config>, also, validate_of<Config>());
  return config;
}

template <class Config>
void write(Table& table, std::string_view key, const Config& config) {
  table.write_from(key, &config, kFields<Config>);
}

}  // namespace figment
