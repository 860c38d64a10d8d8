// Names that come from elsewhere (files, classes, runs), made fit to be shown and to be stored.
#pragma once
#include <string>
#include <string_view>

namespace figment {

enum class Lines { kOne, kMany };

/// A name or sentence as a person may see it, on a terminal, on a page or in a log. What a terminal would obey, marks
/// that reorder letters, and bytes that are no UTF-8 become escapes: \x1b, \n, \u202e, \xff. Of many lines the ends and
/// tabs stay. The result is UTF-8.
std::string printable(std::string_view text, Lines = Lines::kOne);

/// The text as UTF-8, which JSON and TOML demand: bytes that are none become escapes such as \xff, all else stays.
std::string valid_utf8(std::string_view text);

}  // namespace figment
