// TOML text from anywhere, before the parser sees it.
#pragma once
#include <string_view>

namespace figment {

/// Throws ConfigError where toml++ would not survive the text: more than 1 MiB, keys of more than 32 parts, control
/// characters, and letters beyond ASCII outside of quotes and comments. `source` begins the sentence.
void expect_safe_toml(std::string_view text, std::string_view source);

}  // namespace figment
