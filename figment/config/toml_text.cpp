// Tested by table_test.cpp.
#include "figment/config/toml_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "figment/base/error.h"
#include "figment/base/text.h"

namespace figment {
namespace {

constexpr size_t kMostBytes = size_t(1) << 20;

/// toml++ bounds the nesting of values but not of dotted keys, and destroys tables recursively. Counts the parts of
/// each key; prose with that many full stops and no other mark in between is taken for one.
void check_depth(std::string_view text, std::string_view source) {
  constexpr int deepest = 32;
  int dots = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (std::string_view("\n=,#[{").find(text[i]) != std::string_view::npos) dots = 0;
    if (text[i] == '.' && i > 0 && text[i - 1] != '.' && ++dots > deepest)
      throw ConfigError(fmt::format("{}: a key is nested deeper than {} levels", source, deepest));
  }
}

int64_t line_of(std::string_view text, size_t at) {
  return 1 + std::count(text.begin(), text.begin() + std::ptrdiff_t(at), '\n');
}

/// Whether a key or a value may begin here; a quote within a number or a word begins no string.
bool may_begin_a_string(std::string_view text, size_t at) {
  static constexpr std::string_view kMark = "\xef\xbb\xbf";
  const size_t before = text.substr(0, at).find_last_not_of(" \t");
  return before == std::string_view::npos ||
         std::string_view("\r\n=,[{.").find(text[before]) != std::string_view::npos ||
         text.substr(0, before + 1) == kMark;
}

/// A backslash at the end of a line leaves out the blanks before the next letter, of which toml++ 3.3 takes some for
/// unreachable too; nothing else that begins with a backslash has such letters.
void expect_ascii_after_backslash(std::string_view text, size_t at, bool over_lines, std::string_view source) {
  size_t next = at + 1;
  if (over_lines) next = std::min(text.find_first_not_of(" \t\r\n", next), text.size());
  if (next < text.size() && static_cast<unsigned char>(text[next]) >= 0x80)
    throw ConfigError(
        fmt::format("{}:{}: the letter after a backslash, also after one that ends a line, must be ASCII; "
                    "write the text without the backslash",
                    source, line_of(text, at)));
}

/// TOML has letters beyond ASCII in strings and comments alone. toml++ 3.3 takes some of them for unreachable where a
/// key or a value should begin, which is undefined behaviour; so they are refused before it sees them.
void check_letters(std::string_view text, std::string_view source) {
  static constexpr std::string_view kMark = "\xef\xbb\xbf";  // of UTF-8, allowed at the beginning
  bool in_comment = false;
  std::string_view quotes;  // that the string we are in began with
  for (size_t i = text.starts_with(kMark) ? kMark.size() : 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (const auto byte = static_cast<unsigned char>(text[i]);
        (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f)
      throw ConfigError(fmt::format("{}:{}: holds a control character (byte {})", source, line_of(text, i), byte));
    if (!quotes.empty()) {
      if (quotes[0] == '"' && text[i] == '\\') {
        expect_ascii_after_backslash(text, i, quotes.size() == 3, source);
        ++i;
      } else if (rest.starts_with(quotes)) {
        i += quotes.size() - 1;
        for (int more = 0; quotes.size() == 3 && more < 2 && i + 1 < text.size() && text[i + 1] == quotes[0]; ++more)
          ++i;
        quotes = {};
      } else if (quotes.size() == 1 && text[i] == '\n') {
        quotes = {};  // the parser will say that it is not closed
      }
      continue;
    }
    if (text[i] == '#') in_comment = true;
    if (text[i] == '\n') in_comment = false;
    if (in_comment) continue;
    for (const std::string_view begin : {"\"\"\"", "'''", "\"", "'"})
      if (quotes.empty() && rest.starts_with(begin) && may_begin_a_string(text, i)) quotes = begin;
    if (!quotes.empty()) i += quotes.size() - 1;
    if (static_cast<unsigned char>(text[i]) >= 0x80)
      throw ConfigError(fmt::format("{}:{}: a letter outside of quotes and comments must be ASCII; put it in quotes",
                                    source, line_of(text, i)));
  }
}

}  // namespace

void expect_safe_toml(std::string_view text, std::string_view source) {
  if (text.size() > kMostBytes)
    throw ConfigError(fmt::format("{}: has {}; at most {} of a recipe are read", source,
                                  counted(int64_t(text.size()), "byte"), with_commas(kMostBytes)));
  check_depth(text, source);
  check_letters(text, source);
}

}  // namespace figment
