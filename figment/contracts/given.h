// Conditions that a user gives on the command line, as words. Free of the engine.
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace figment {

/// A word of the command line and what stands after it: {"class", "bag"}, {"image", "x.png"}. The name of any
/// attribute of the data is such a word too: {"colour", "red"}.
struct Given {
  std::string name = {}, value = {};
};

/// A kind of condition that a person can give: flags and help follow from this table, readers from the words
/// (data/conditions.cpp).
struct GivenKind {
  std::string_view word;  ///< name of the flag, and in requests
  std::string_view value, help;
  std::string_view when_drawing, when_completing;  ///< what holds where it is not given
};
inline constexpr auto kGivenKinds = std::to_array<GivenKind>({
    {"class", "CLASS", "a class by name or number, if the model is conditioned on it", "all classes in turn",
     "the class of each example; of your own images all classes in turn"},
    {"image", "FILE", "the picture that the model is conditioned on, if it takes one",
     "held-out examples of the run in turn", "that of each example"},
});

}  // namespace figment
