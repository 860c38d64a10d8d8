#include "figment/base/text.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <numeric>

namespace figment {
namespace {

constexpr size_t kLeastPart = 3;  // letters of a word that may be a part of what was meant

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
