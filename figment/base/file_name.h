// Names that come from elsewhere and become a part of a path.
#pragma once
#include <string_view>

namespace figment {

/// Throws ConfigError unless `name` is safe as the name of one file or folder: 1 to 100 bytes, no slash, no control
/// character, and neither a dot nor a hyphen in front. `what` begins the sentence: "stages".
void expect_file_name(std::string_view what, std::string_view name);

}  // namespace figment
