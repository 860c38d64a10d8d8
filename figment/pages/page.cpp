#include "figment/pages/page.h"

#include <fmt/format.h>

#include <algorithm>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/printable.h"
#include "figment/base/version.h"
#include "figment/media/image.h"
#include "figment/pages/page_style.h"

namespace figment {

std::string escaped(std::string_view raw) {
  std::string out;
  for (const char c : printable(raw, Lines::kMany)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string html_page(std::string_view title, std::string_view body) {
  return fmt::format(R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{}</title>
<style>{}</style>
</head>
<body>
{}
<footer>Written by figment {}. This page is one file and loads nothing from elsewhere.</footer>
</body>
</html>
)",
                     escaped(title), kPageStyle, body, kVersion);
}

std::string section(std::string_view heading, std::string_view sentence, const std::string& body) {
  if (body.empty()) return "";
  return fmt::format("<section>\n<h2>{}</h2>\n<p class=\"lead\">{}</p>\n{}\n</section>\n", escaped(heading),
                     escaped(sentence), body);
}

std::string picture_of(const std::string& png, std::string_view description, int64_t wish) {
  try {
    const ImageInfo info = image_info(png, description);
    if (info.format != "png") return "";
    const int64_t factor = std::max<int64_t>(1, wish / info.width);
    return fmt::format("<img class=\"{}\" width=\"{}\" height=\"{}\" alt=\"{}\" src=\"data:image/png;base64,{}\">",
                       info.width <= wish ? "crisp" : "smooth", factor * info.width, factor * info.height,
                       escaped(description), base64(png));
  } catch (const DataError&) { return ""; }
}

std::string picture(const std::filesystem::path& png, std::string_view description, int64_t wish) {
  constexpr int64_t kMostBytes = 16 << 20;
  try {
    return picture_of(read_file(png, kMostBytes), description, wish);
  } catch (const FileError&) {
    return "";  // gone since it was listed
  }
}

std::string html_table(const std::vector<std::string>& heads, const std::vector<Row>& rows) {
  std::string out = "<table><thead><tr>";
  for (const std::string& head : heads) out += fmt::format("<th scope=\"col\">{}</th>", escaped(head));
  out += "</tr></thead><tbody>\n";
  for (const Row& row : rows) {
    out += "<tr>";
    for (const std::string& cell : row.cells) out += fmt::format("<td>{}</td>", escaped(cell));
    out += "</tr>\n";
  }
  return out + "</tbody></table>\n";
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) group = group << 8 | (i + j < bytes.size() ? uint8_t(bytes[i + j]) : 0u);
    for (size_t j = 0; j < 4; ++j) out += i + j <= bytes.size() ? letters[group >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

}  // namespace figment
