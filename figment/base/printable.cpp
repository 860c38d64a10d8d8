#include "figment/base/printable.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace figment {
namespace {

struct CodePoint {
  char32_t code = 0;
  size_t bytes = 0;  ///< that it takes; 0 where these are no UTF-8
};

/// The first code point of a text that is not empty (Unicode, table 3-7).
CodePoint first_code_point(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? uint8_t(text[i]) : uint8_t(0); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const size_t bytes = lead >> 5 == 0b110 ? 2 : lead >> 4 == 0b1110 ? 3 : lead >> 3 == 0b11110 ? 4 : 0;
  char32_t code = lead & (0x7f >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    if (byte(i) >> 6 != 0b10) return {};
    code = code << 6 | (byte(i) & 0x3f);
  }
  constexpr std::array<char32_t, 5> least = {0x110000, 0, 0x80, 0x800, 0x10000};  // in so many bytes
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  return code < least[bytes] || code > 0x10ffff || surrogate ? CodePoint{} : CodePoint{code, bytes};
}

/// What a terminal obeys instead of showing it: C0, DEL, C1, ends of lines, and marks that reorder letters.
bool is_obeyed(char32_t code) {
  static constexpr std::pair<char32_t, char32_t> ranges[] = {
      {0, 0x1f}, {0x7f, 0x9f}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}};
  return std::ranges::any_of(ranges, [&](const auto& range) { return code >= range.first && code <= range.second; });
}

std::string escape_of(char32_t code) {
  if (code == '\n') return "\\n";
  if (code == '\t') return "\\t";
  if (code == '\r') return "\\r";
  return code < 0x20 ? fmt::format("\\x{:02x}", uint32_t(code)) : fmt::format("\\u{:04x}", uint32_t(code));
}

/// The text with escapes in place of bytes that are no UTF-8 and of code points that `hidden` names.
template <class F>
std::string escaped_where(std::string_view text, F&& hidden) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = first_code_point(text.substr(at));
    if (point.bytes == 0)
      out += fmt::format("\\x{:02x}", uint8_t(text[at]));
    else if (hidden(point.code))
      out += escape_of(point.code);
    else
      out += text.substr(at, point.bytes);
    at += std::max<size_t>(point.bytes, 1);
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text, Lines lines) {
  return escaped_where(text, [lines](char32_t code) {
    return is_obeyed(code) && (lines == Lines::kOne || (code != '\n' && code != '\t'));
  });
}

std::string valid_utf8(std::string_view text) {
  return escaped_where(text, [](char32_t) { return false; });
}

}  // namespace figment
