// Tested by table_test.cpp.
#include "figment/config/toml_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "figment/base/error.h"
#include "figment/base/printable.h"
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
  const size_t before = text.substr(0, at).find_last_not_of(" \t");
  return before == std::string_view::npos || std::string_view("\r\n=,[{.").find(text[before]) != std::string_view::npos;
}

/// The letter that begins at `at` as TOML's escape, and how many bytes it has; the text is UTF-8.
std::pair<std::string, size_t> escaped_letter(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const size_t length = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  uint32_t letter = byte(0) & (0xffu >> (length + 1));
  for (size_t i = 1; i < length; ++i) letter = letter << 6 | (byte(i) & 0x3fu);
  return {letter > 0xffff ? fmt::format("\\U{:08X}", letter) : fmt::format("\\u{:04X}", letter), length};
}

/// The same TOML in ASCII. TOML has letters beyond ASCII in strings and comments alone, and toml++ 3.3 takes some of
/// them for unreachable wherever it does not expect them, which is undefined behaviour. So it sees none: in strings
/// they become escapes, in comments question marks, elsewhere they are refused. Where this reads a string otherwise
/// than toml++ does, the worst is a sentence about the wrong thing. Literal strings have no escapes and become basic
/// ones.
std::string in_ascii(std::string_view text, std::string_view source) {
  static constexpr std::string_view kMark = "\xef\xbb\xbf";  // of UTF-8, allowed at the beginning
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  if (const std::string valid = valid_utf8(text); valid != text)
    throw ConfigError(fmt::format("{}:{}: holds a byte that is no UTF-8; save it as UTF-8", source,
                                  line_of(text, size_t(std::ranges::mismatch(text, valid).in1 - text.begin()))));
  std::string ascii;
  bool in_comment = false;
  std::string_view quotes;  // that the string we are in began with
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f)
      throw ConfigError(fmt::format("{}:{}: holds a control character (byte {})", source, line_of(text, i), byte));
    const bool basic = !quotes.empty() && quotes[0] == '"';
    if (byte >= 0x80) {
      if (quotes.empty() && !in_comment)
        throw ConfigError(fmt::format("{}:{}: a letter outside of quotes and comments must be ASCII; put it in quotes",
                                      source, line_of(text, i)));
      const auto [escape, length] = escaped_letter(text, i);
      ascii += in_comment ? "?" : escape;
      i += length - 1;
    } else if (quotes.empty()) {
      if (text[i] == '#') in_comment = true;
      if (text[i] == '\n') in_comment = false;
      for (const std::string_view begin : {"\"\"\"", "'''", "\"", "'"})
        if (!in_comment && quotes.empty() && rest.starts_with(begin) && may_begin_a_string(text, i)) quotes = begin;
      ascii += quotes.empty() ? std::string(1, text[i]) : std::string(quotes.size(), '"');
      if (!quotes.empty()) i += quotes.size() - 1;
    } else if (basic && text[i] == '\\' && i + 1 < text.size()) {
      if (static_cast<unsigned char>(text[i + 1]) >= 0x80)
        throw ConfigError(fmt::format("{}:{}: the letter after a backslash must be ASCII; write two backslashes",
                                      source, line_of(text, i)));
      ascii += text.substr(i++, 2);
    } else if (rest.starts_with(quotes)) {
      i += quotes.size() - 1;
      for (int more = 0; quotes.size() == 3 && more < 2 && i + 1 < text.size() && text[i + 1] == quotes[0]; ++more, ++i)
        ascii += basic ? "\\\"" : "'";
      ascii += std::string(quotes.size(), '"');
      quotes = {};
    } else {
      if (!basic && (text[i] == '\\' || text[i] == '"')) ascii += '\\';
      ascii += text[i];
      if (quotes.size() == 1 && text[i] == '\n') quotes = {};  // the parser will say that it is not closed
    }
  }
  return ascii;
}

}  // namespace

std::string safe_toml(std::string_view text, std::string_view source) {
  if (text.size() > kMostBytes)
    throw ConfigError(fmt::format("{}: has {}; at most {} of a recipe are read", source,
                                  counted(int64_t(text.size()), "byte"), with_commas(kMostBytes)));
  check_depth(text, source);
  return in_ascii(text, source);
}

}  // namespace figment
