// TOML text from anywhere, before the parser sees it.
#pragma once
#include <string>
#include <string_view>

namespace figment {

/// The same TOML as toml++ survives it: in ASCII, line by line. Throws ConfigError for more than 1 MiB, keys of more
/// than 32 parts, control characters, bytes that are no UTF-8, and letters beyond ASCII outside of quotes and comments.
/// `source` begins the sentence.
std::string safe_toml(std::string_view text, std::string_view source);

}  // namespace figment
