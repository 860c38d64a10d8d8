// Pieces of a self-contained HTML page.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace figment {

/// Text made safe inside HTML and SVG, attributes included, and `printable` (base/printable.h) of many lines.
std::string escaped(std::string_view);

/// The whole document: style inline, nothing fetched from anywhere (a Content-Security-Policy says so to the browser).
/// `title` is plain text, `body` HTML.
std::string html_page(std::string_view title, std::string_view body);

/// A heading, one sentence in plain words, and what belongs to them; nothing when `body` is empty. `body` is HTML.
std::string section(std::string_view heading, std::string_view sentence, const std::string& body);

/// A PNG as an <img> that carries its bytes, enlarged by whole factors towards `wish` pixels wide and kept crisp. ""
/// when it is none.
std::string picture_of(const std::string& png, std::string_view description, int64_t wish);
/// The same of a file; "" when it is over 16 MiB, too.
std::string picture(const std::filesystem::path& png, std::string_view description, int64_t wish);

struct Row {
  std::vector<std::string> cells;
};  ///< plain text
std::string html_table(const std::vector<std::string>& heads, const std::vector<Row>& rows);

/// RFC 4648, with padding.
std::string base64(std::string_view bytes);

}  // namespace figment
