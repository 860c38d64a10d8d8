#include "figment/base/text.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>

#include "figment/base/error.h"

namespace figment {
namespace {

constexpr size_t kLongestPattern = 4096;  // of a path on Linux
constexpr size_t kLeastPart = 3;          // letters of a word that may be a part of what was meant

/// Levenshtein distance with neighbouring letters swapped counted as one change.
size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i)
    for (size_t j = 1; j <= b.size(); ++j) {
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  return cost[a.size()][b.size()];
}

/// Where the brace that is opened at `open` is closed; npos where it is not.
size_t closing_brace(std::string_view text, size_t open) {
  int depth = 0;
  for (size_t i = open; i < text.size(); ++i) {
    if (text[i] == '{') ++depth;
    if (text[i] == '}' && --depth == 0) return i;
  }
  return std::string_view::npos;
}

/// What commas divide, but for those within braces.
std::vector<std::string_view> alternatives(std::string_view inside) {
  std::vector<std::string_view> all;
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i < inside.size(); ++i) {
    depth += inside[i] == '{' ? 1 : inside[i] == '}' ? -1 : 0;
    if (inside[i] != ',' || depth > 0) continue;
    all.push_back(inside.substr(begin, i - begin));
    begin = i + 1;
  }
  all.push_back(inside.substr(begin));
  return all;
}

/// "007" and "012" of "007..012"; nothing where these are no whole numbers.
std::optional<std::pair<std::string_view, std::string_view>> ends_of_range(std::string_view inside) {
  const auto is_number = [](std::string_view word) {
    constexpr size_t kMostDigits = 9;
    return !word.empty() && word.size() <= kMostDigits &&
           word.find_first_not_of("0123456789") == std::string_view::npos;
  };
  const size_t dots = inside.find("..");
  if (dots == std::string_view::npos) return std::nullopt;
  const std::string_view first = inside.substr(0, dots), last = inside.substr(dots + 2);
  if (!is_number(first) || !is_number(last)) return std::nullopt;
  return std::pair(first, last);
}

void expect_few(size_t words, size_t most) {
  if (words > most)
    throw ConfigError(
        fmt::format("braces: a pattern may stand for {} words at most, got more", with_commas(int64_t(most))));
}

/// 7 to 12 as words, of as many digits as the longer end where an end begins with a zero.
std::vector<std::string> numbers_between(std::string_view first, std::string_view last, size_t most) {
  const auto padded = [](std::string_view word) { return word.size() > 1 && word.front() == '0'; };
  const size_t width = padded(first) || padded(last) ? std::max(first.size(), last.size()) : 1;
  const int64_t begin = std::stoll(std::string(first)), end = std::stoll(std::string(last));
  expect_few(size_t(std::abs(end - begin)) + 1, most);
  std::vector<std::string> words;
  for (int64_t i = begin;; i += begin < end ? 1 : -1) {
    words.push_back(fmt::format("{:0{}}", i, width));
    if (i == end) return words;
  }
}

}  // namespace

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates,
                         std::string_view otherwise) {
  const std::string* nearest = nullptr;
  const std::string small = in_small_letters(word);
  size_t fewest = std::max<size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() + fewest <= word.size()) continue;  // a key of a damaged file may be of any length
    if (const size_t distance = edits(small, in_small_letters(candidate)); distance < fewest) {
      fewest = distance;
      nearest = &candidate;
    }
  }
  if (!nearest && word.size() >= kLeastPart) {  // "boot" for "ankle boot"
    const auto holds = [&](const std::string& candidate) {
      return in_small_letters(candidate).find(small) != std::string::npos;
    };
    if (std::ranges::count_if(candidates, holds) == 1) nearest = &*std::ranges::find_if(candidates, holds);
  }
  if (nearest) return fmt::format("; did you mean '{}'?", *nearest);
  return otherwise.empty() ? "" : fmt::format("; {}", otherwise);
}

std::string must_be_one_of(const std::vector<std::string>& known, std::string_view got) {
  return fmt::format("must be one of {}, got '{}'{}", listed(known), got, did_you_mean(got, known));
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " and " : ", ";
    text += words[i];
  }
  return text;
}

std::string with_commas(int64_t number) {
  std::string digits = std::to_string(number);
  for (int64_t i = int64_t(digits.size()) - 3; i > (number < 0 ? 1 : 0); i -= 3) digits.insert(size_t(i), ",");
  return digits;
}

std::string in_small_letters(std::string_view text) {
  utf8proc_uint8_t* out = nullptr;
  const auto options = utf8proc_option_t(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), utf8proc_ssize_t(text.size()),
                                 &out, options);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(out, std::free);
  if (size >= 0) return {reinterpret_cast<char*>(out), size_t(size)};
  std::string small(text);
  for (char& c : small)
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  return small;
}

std::string counted(int64_t count, std::string_view singular) {
  return fmt::format("{} {}{}", with_commas(count), singular, count == 1 ? "" : "s");
}

std::string_view is_or_are(int64_t count) { return count == 1 ? "is" : "are"; }

std::string duration(double seconds) {
  if (!(std::abs(seconds) < 1e15)) return "–";
  const auto whole = int64_t(std::llround(seconds));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

std::string readable(double value) {
  if (!std::isfinite(value)) return "–";
  if (std::abs(value) >= 1e4 && std::abs(value) < 1e15) return with_commas(std::llround(value));
  return fmt::format("{:.4g}", value == 0 ? 0.0 : value);  // never "-0"
}

std::vector<std::string> expanded_braces(std::string_view pattern, size_t most) {
  const size_t open = pattern.size() > kLongestPattern ? std::string_view::npos : pattern.find('{');
  const size_t close = open == std::string_view::npos ? open : closing_brace(pattern, open);
  if (close == std::string_view::npos) return {std::string(pattern)};
  const std::string_view before = pattern.substr(0, open), inside = pattern.substr(open + 1, close - open - 1);
  const std::vector<std::string_view> parts = alternatives(inside);
  std::vector<std::string> middles;
  if (const auto ends = ends_of_range(inside); ends && parts.size() == 1) {
    middles = numbers_between(ends->first, ends->second, most);
  } else if (parts.size() > 1) {
    for (const std::string_view part : parts)
      for (std::string& word : expanded_braces(part, most)) {
        expect_few(middles.size() + 1, most);
        middles.push_back(std::move(word));
      }
  } else {
    for (const std::string& word : expanded_braces(inside, most)) middles.push_back("{" + word + "}");
  }
  const std::vector<std::string> afters = expanded_braces(pattern.substr(close + 1), most);
  expect_few(middles.size() * afters.size(), most);
  std::vector<std::string> words;
  for (const std::string& middle : middles)
    for (const std::string& after : afters) words.push_back(std::string(before) + middle + after);
  return words;
}

std::string shell_quoted(const std::string& word) {
  const auto plain = [](char c) {
    return std::isalnum(uint8_t(c)) || std::string_view("/._-+=:,@%").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::ranges::all_of(word, plain)) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

}  // namespace figment
