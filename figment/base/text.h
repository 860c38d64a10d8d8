// Small helpers for words and numbers that people read.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace figment {

/// "; did you mean 'num_codes'?" when a candidate is close to `word` (at most a third of its letters changed) or is the
/// only one that contains it, both without regard to case, else "; <otherwise>", or nothing when that is empty.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates,
                         std::string_view otherwise = "");

/// "must be one of a, b and c, got 'x'", and what may have been meant.
std::string must_be_one_of(const std::vector<std::string>& known, std::string_view got);

/// "a, b and c".
std::string listed(const std::vector<std::string>& words);

/// Without capitals, and its letters in one form of Unicode: equal for names that look alike. Of text that is no UTF-8
/// the letters A to Z alone change.
std::string in_small_letters(std::string_view);

/// "1 image", "60,000 images".
std::string counted(int64_t count, std::string_view singular);

/// "is" of one, "are" of any other number.
std::string_view is_or_are(int64_t count);

/// "60,000".
std::string with_commas(int64_t number);

/// "3 s", "2 min 05 s", "1 h 12 min"; "–" where it is no length of time.
std::string duration(double seconds);

/// A number as people read it: 4 significant digits, "12,345" from 10,000 on, "1.2e-05" far below 1, "–" for NaN and
/// infinity.
std::string readable(double);

/// The words that a pattern stands for, in order, as a shell and WebDataset expand it: "{000..099}.tar" are a hundred
/// words of equally many digits, "{a,b}/x" are two, and braces may hold braces. Braces with neither two dots between
/// whole numbers nor a comma stay as they are, and so does a pattern that is longer than a path can be. Throws
/// ConfigError where there are more than `most` words.
std::vector<std::string> expanded_braces(std::string_view pattern, size_t most);

/// A word as a shell reads it back: in quotes where it must be.
std::string shell_quoted(const std::string& word);

}  // namespace figment
