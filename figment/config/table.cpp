#include "figment/config/table.h"

#include <fmt/format.h>

// Compiled in, because the library of the package writes 0.9 as 0.90000000000000002.
#define TOML_HEADER_ONLY 1
#define TOML_FLOAT_CHARCONV 1
// toml++ 3.3 asserts, and in a release assumes, what some input breaks ("[" at the end of a line), and then checks for
// it again: without the assertions the sentence comes out.
#undef NDEBUG
#define TOML_ASSERT(claim) static_assert(true)
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/printable.h"
#include "figment/base/text.h"
#include "figment/config/rules.h"
#include "figment/config/toml_text.h"

namespace figment {

namespace {

/// toml++ drops the places of what it copies; errors name them, so they are carried over.
void copy_places(const toml::node& from, toml::node& to) {
  const_cast<toml::source_region&>(to.source()) = from.source();
  if (const toml::table* table = from.as_table())
    for (const auto& [key, node] : *table) copy_places(node, *to.as_table()->get(key.str()));
  if (const toml::array* array = from.as_array())
    for (size_t i = 0; i < array->size(); ++i) copy_places((*array)[i], (*to.as_array())[i]);
}

toml::table copied(const toml::table& from) {
  toml::table to = from;
  copy_places(from, to);
  return to;
}

}  // namespace

struct Table::State {
  toml::table table;
  std::string source;  // file name, or the recipe's
  std::string path;    // "[model.trunk]" without brackets, empty at the top
};

namespace {

std::string place(const Table::State& state, const toml::source_region& source) {
  const auto& [begin, end, path] = source;
  if (path && *path != state.source) return *path;  // came from the command line
  return begin.line > 0 ? fmt::format("{}:{}:{}", state.source, begin.line, begin.column) : state.source;
}

std::string place(const Table::State& state, const toml::node& node) { return place(state, node.source()); }

std::string in(const Table::State& state) { return state.path.empty() ? "" : fmt::format(" in [{}]", state.path); }

std::string as_text(const toml::node& node) {
  std::ostringstream out;
  node.visit([&](auto&& value) { out << toml::node_view<const toml::node>(value); });
  return out.str();
}

std::string number(double value) { return fmt::format("{}", value); }

void check_range(const Table::State& state, const Field& row, const toml::node& node, double value) {
  if (value >= row.range.least && value <= row.range.most) return;
  throw ConfigError(fmt::format("{}: '{}'{} must be between {} and {}, got {}", place(state, node), row.name, in(state),
                                number(row.range.least), number(row.range.most), number(value)));
}

[[noreturn]] void wrong_type(const Table::State& state, const Field& row, const toml::node& node,
                             std::string_view wanted) {
  throw ConfigError(
      fmt::format("{}: '{}'{} must be {}, got {}", place(state, node), row.name, in(state), wanted, as_text(node)));
}

template <class Element>
std::vector<Element> list_of(const Table::State& state, const Field& row, const toml::node& node,
                             std::string_view wanted) {
  std::vector<Element> all;
  const toml::array* array = node.as_array();
  if (!array) wrong_type(state, row, node, wanted);
  for (const toml::node& item : *array) {
    const auto value = item.value_exact<Element>();
    if (!value) wrong_type(state, row, node, wanted);
    if constexpr (std::is_same_v<Element, int64_t>) check_range(state, row, item, double(*value));
    all.push_back(*value);
  }
  return all;
}

/// The value of `node` in the type that the row holds (`now` is its present value).
Value checked(const Table::State& state, const Field& row, const Value& now, const toml::node& node) {
  if (std::holds_alternative<bool>(now)) {
    const auto value = node.value_exact<bool>();
    if (!value) wrong_type(state, row, node, "true or false");
    return *value;
  }
  if (std::holds_alternative<int64_t>(now)) {
    std::optional<int64_t> value = node.value_exact<int64_t>();
    if (const auto real = node.value_exact<double>();
        !value && real && *real == std::floor(*real) && std::abs(*real) < 9e15)
      value = int64_t(*real);  // 6e5 is a whole number too
    if (!value) wrong_type(state, row, node, "a whole number");
    check_range(state, row, node, double(*value));
    return *value;
  }
  if (std::holds_alternative<double>(now)) {
    const auto value = node.is_number() ? node.value<double>() : std::nullopt;
    if (!value || !std::isfinite(*value)) wrong_type(state, row, node, "a number");
    check_range(state, row, node, *value);
    return *value;
  }
  if (std::holds_alternative<std::vector<int64_t>>(now))
    return list_of<int64_t>(state, row, node, "a list of whole numbers");
  if (std::holds_alternative<std::vector<std::string>>(now))
    return list_of<std::string>(state, row, node, "a list of words");
  const auto value = node.value_exact<std::string>();
  if (!value) wrong_type(state, row, node, row.choices.empty() ? "a word in quotes" : "one of its words in quotes");
  if (!row.choices.empty()) {
    const std::vector<std::string> words(row.choices.begin(), row.choices.end());
    if (std::find(words.begin(), words.end(), *value) == words.end())
      throw ConfigError(
          fmt::format("{}: '{}'{} {}", place(state, node), row.name, in(state), must_be_one_of(words, *value)));
  }
  return *value;
}

/// TOML is UTF-8. A path with other bytes, written with escapes, would be another path when it is read back.
std::string expect_utf8(std::string_view key, std::string_view text) {
  const std::string shown = valid_utf8(text);
  if (shown != text)
    throw ConfigError(
        fmt::format("{}={}: must be UTF-8, because recipes are; give the file or folder a name whose letters are UTF-8",
                    key, shown));
  return shown;
}

void insert(toml::table& table, std::string_view key, const Value& value) {
  std::visit(
      [&](const auto& v) {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::vector<int64_t>> || std::is_same_v<T, std::vector<std::string>>) {
          toml::array array;
          for (const auto& item : v) array.push_back(item);
          table.insert_or_assign(key, std::move(array));
        } else if constexpr (std::is_same_v<T, std::string>) {
          table.insert_or_assign(key, expect_utf8(key, v));
        } else {
          table.insert_or_assign(key, v);
        }
      },
      value);
}

void write_rows(toml::table& table, const void* owner, std::span<const Field> rows) {
  for (const Field& row : rows) {
    if (!row.fields) {
      insert(table, row.name, row.get(owner));
      continue;
    }
    toml::table child;
    write_rows(child, row.member(const_cast<void*>(owner)), row.fields());
    table.insert_or_assign(row.name, std::move(child));
  }
}

/// Throws ConfigError or toml::parse_error.
toml::table parsed(std::string_view text, std::string_view source) {
  return toml::parse(safe_toml(text, source), source);
}

/// A text, whatever its letters, for this key.
toml::table text_node(std::string_view dotted_key, std::string_view text) {
  const std::string value = expect_utf8(dotted_key, text);
  toml::table given = toml::parse("v = ''", fmt::format("{}={}", dotted_key, value));
  *given.get("v")->as_string() = value;
  return given;
}

/// The table at "a.b" inside `root`, made on the way where absent.
toml::table& descend(Table::State& state, std::string_view dotted) {
  toml::table* table = &state.table;
  while (!dotted.empty()) {
    const size_t dot = dotted.find('.');
    const std::string_view key = dotted.substr(0, dot);
    dotted = dot == std::string_view::npos ? "" : dotted.substr(dot + 1);
    toml::node* node = table->get(key);
    if (!node) node = &table->insert(key, toml::table{}).first->second;
    if (!node->is_table()) throw ConfigError(fmt::format("{}: '{}' is a value, not a table", state.source, key));
    table = node->as_table();
  }
  return *table;
}

/// Puts the value `v` of `given` at "a.b.key".
void put_value(Table::State& state, std::string_view dotted_key, toml::table&& given) {
  const size_t dot = dotted_key.rfind('.');
  const std::string_view parent = dot == std::string_view::npos ? "" : dotted_key.substr(0, dot);
  const std::string_view key = dot == std::string_view::npos ? dotted_key : dotted_key.substr(dot + 1);
  if (key.empty()) throw ConfigError(fmt::format("'{}' names no setting; write table.key=value", dotted_key));
  descend(state, parent).insert_or_assign(key, std::move(*given.get("v")));
}

}  // namespace

Table::Table() : state_(std::make_unique<State>()) {}
Table::~Table() = default;
Table::Table(const Table& other)
    : state_(new State{copied(other.state_->table), other.state_->source, other.state_->path}) {}
Table& Table::operator=(const Table& other) { return *this = Table(other); }
Table::Table(Table&&) noexcept = default;
Table& Table::operator=(Table&&) noexcept = default;

Table Table::parse(std::string_view text, std::string_view source) {
  Table table;
  table.state_->source = source;
  try {
    table.state_->table = parsed(text, source);
  } catch (const toml::parse_error& error) {
    throw ConfigError(fmt::format("{}:{}:{}: {}", source, error.source().begin.line, error.source().begin.column,
                                  error.description()));
  }
  return table;
}

Table Table::load(const std::filesystem::path& path) { return parse(read_file(path), path.string()); }

void Table::set(std::string_view dotted_key, std::string_view value) {
  const std::string place = fmt::format("{}={}", dotted_key, value);  // what errors name
  toml::table given;
  try {
    given = parsed(fmt::format("v = {}", value), place);
  } catch (const std::runtime_error&) { given = text_node(dotted_key, value); }  // a bare word needs no quotes here
  put_value(*state_, dotted_key, std::move(given));
}

void Table::set_text(std::string_view dotted_key, std::string_view text) {
  put_value(*state_, dotted_key, text_node(dotted_key, text));
}

void Table::assign(std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0)
    throw ConfigError(fmt::format("--set '{}': write table.key=value, for instance training.images=60000", text));
  set(text.substr(0, equals), text.substr(equals + 1));
}

bool Table::has(std::string_view key) const { return state_->table.contains(key); }

std::vector<std::string> Table::keys() const {
  std::vector<std::string> all;
  for (const auto& [key, value] : state_->table) all.emplace_back(key.str());
  return all;
}

Table Table::child(std::string_view key) const {
  Table child;
  child.state_->source = state_->source;
  child.state_->path = state_->path.empty() ? std::string(key) : state_->path + "." + std::string(key);
  if (const toml::node* node = state_->table.get(key)) {
    if (!node->is_table())
      throw ConfigError(fmt::format("{}: '{}'{} must be a table", place(*state_, *node), key, in(*state_)));
    child.state_->table = copied(*node->as_table());
  }
  return child;
}

std::optional<std::string> Table::text_at(std::string_view key) const {
  const toml::node* node = state_->table.get(key);
  if (!node) return std::nullopt;
  const auto value = node->value_exact<std::string>();
  if (!value)
    throw ConfigError(fmt::format("{}: '{}'{} must be a word in quotes, got {}", place(*state_, *node), key,
                                  in(*state_), as_text(*node)));
  return value;
}

std::string Table::spoken(std::string_view key) const {
  const toml::node* node = state_->table.get(key);
  if (!node || node->is_table()) return "";
  return node->is_string() ? node->as_string()->get() : as_text(*node);
}

void Table::erase(std::string_view key) { state_->table.erase(key); }

void Table::put(std::string_view key, const Table& child) { state_->table.insert_or_assign(key, child.state_->table); }

std::string Table::toml() const {
  std::ostringstream out;
  out << toml::toml_formatter(state_->table, toml::toml_formatter::default_flags & ~toml::format_flags::indentation);
  return out.str() + "\n";
}

void Table::read_into(void* owner, std::span<const Field> rows, const std::vector<std::string>& also,
                      void (*validate)(const void*)) const {
  std::vector<std::string> known = also;
  for (const Field& row : rows) known.emplace_back(row.name);
  for (const auto& [key, node] : state_->table)
    if (std::find(known.begin(), known.end(), key.str()) == known.end())
      throw ConfigError(fmt::format(
          "{}: unknown key '{}'{}{}", place(*state_, key.source().begin.line > 0 ? key.source() : node.source()),
          key.str(), in(*state_), did_you_mean(key.str(), known, "known are " + listed(known))));
  const std::vector<Value> defaults = values_of(owner, rows);
  for (const Field& row : rows) {
    const toml::node* node = state_->table.get(row.name);
    if (!node) continue;
    if (row.fields)
      child(row.name).read_into(row.member(owner), row.fields(), {}, row.validate);
    else
      row.set(owner, checked(*state_, row, row.get(owner), *node));
  }
  if (const auto unused = first_unused(owner, rows, defaults))
    throw ConfigError(fmt::format("{}: '{}'{} {}", place(*state_, *state_->table.at_path(unused->name).node()),
                                  unused->name, in(*state_), unused->sentence));
  try {
    if (validate) validate(owner);
  } catch (const ConfigError& error) {
    throw ConfigError(fmt::format("{}:{} {}", state_->source, in(*state_), error.what()));
  }
}

void Table::write_from(std::string_view key, const void* owner, std::span<const Field> rows) {
  write_rows(descend(*state_, key), owner, rows);
}

}  // namespace figment
