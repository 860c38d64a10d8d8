// What a person gives beside the noise, in words: free of the engine.
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace figment {

/// A word of the command line and what stands after it: {"class", "boot"}, {"image", "x.png"}. The name of any
/// attribute of the data is such a word too: {"colour", "red"}.
struct Given {
  std::string name = {}, value = {};
};

/// A kind of condition that a person can give: flags, help and readers follow from this table and from what a model
/// takes.
struct GivenKind {
  std::string_view word;  ///< of the command line and of requests
  std::string_view kind;  ///< of the spec
  std::string_view value, help;
};
inline constexpr auto kGivenKinds = std::to_array<GivenKind>({
    {"class", "labels", "CLASS", "a class by name or number, where the model takes one; none: all in turn"},
    {"image", "image", "FILE", "a picture, where the model takes one; none: held-out examples of the run in turn"},
});

}  // namespace figment
