#include "figment/data/picture_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <map>
#include <optional>

#include "figment/base/text.h"

namespace figment {
namespace {

constexpr int64_t kSmallPart = 4;  // less than one in so many of the values is a small part of the range

/// The range of the values of the examples' pictures number `i`, and the greatest value that their files can hold.
/// Nothing where the files hold different numbers of bits.
struct Values {
  ValueRange range = {};
  int64_t greatest = 0;
};
std::optional<Values> values_of(std::span<const ExampleFacts> facts, size_t i) {
  std::optional<Values> all;
  for (const ExampleFacts& example : facts) {
    if (example.values.size() <= i) continue;
    const ValueRange& range = example.values[i];
    const int64_t greatest = example.infos[i].bits == 16 ? 65535 : 255;
    if (!all) all = {.range = range, .greatest = greatest};
    if (all->greatest != greatest) return std::nullopt;
    all->range = {.least = std::min(all->range.least, range.least), .most = std::max(all->range.most, range.most)};
  }
  return all;
}

/// Whole bits from 0 on, unless they hold as much as the file's; then what is there.
ValueRange suggested(const Values& values) {
  const int64_t whole = int64_t(std::bit_ceil(uint64_t(values.range.most) + 1)) - 1;
  return whole < values.greatest ? ValueRange{.least = 0, .most = std::max<int64_t>(1, whole)} : values.range;
}

void remark_on_range(std::span<const ExampleFacts> facts, const DataOptions& options, std::vector<std::string>& out) {
  if (!options.range.empty()) return;
  const std::optional<Values> values = values_of(facts, 0);
  if (!values || values->range.least == values->range.most) return;
  if (kSmallPart * (values->range.most - values->range.least) > values->greatest) return;
  const ValueRange better = suggested(*values);
  out.push_back(fmt::format(
      "the values of all images lie between {} and {} of {}, so that they look almost of one colour; if these are all "
      "values that there can be, set data.range=[{}, {}]",
      with_commas(values->range.least), with_commas(values->range.most), with_commas(values->greatest), better.least,
      better.most));
}

}  // namespace

std::vector<std::string> remarks_on(std::span<const ExampleFacts> facts, const std::vector<bool>& is_test,
                                    const DataOptions& options) {
  std::vector<std::string> remarks;
  remark_on_range(facts, options, remarks);
  struct Copies {
    int64_t train = 0, test = 0;
  };
  std::map<std::string, Copies> by_hash;
  int64_t blank = 0, repeated = 0, leaked = 0;
  for (size_t i = 0; i < facts.size(); ++i) {
    if (facts[i].hash.empty()) continue;
    blank += facts[i].blank;
    Copies& copies = by_hash[facts[i].hash];
    ++(is_test[i] ? copies.test : copies.train);
  }
  for (const auto& [hash, copies] : by_hash) {
    repeated += copies.train + copies.test - 1;
    if (copies.train > 0) leaked += copies.test;
  }
  if (blank > 0)
    remarks.push_back(
        fmt::format("{} {} blank: all its pixels are the same", counted(blank, "image"), is_or_are(blank)));
  if (repeated > 0)
    remarks.push_back(
        fmt::format("{} {} the same as another one, pixel by pixel", counted(repeated, "image"), is_or_are(repeated)));
  if (leaked > 0)
    remarks.push_back(
        fmt::format("{} {} also among those for training; so figures on the test images look better than they are",
                    counted(leaked, "test image"), is_or_are(leaked)));
  return remarks;
}

Counts sizes_of(std::span<const ExampleFacts> facts) {
  std::map<std::string, int64_t> counts;
  for (const ExampleFacts& example : facts)
    if (!example.hash.empty())
      ++counts[fmt::format("{}x{}", example.infos.front().width, example.infos.front().height)];
  return most_frequent(counts);
}

Counts most_frequent(const std::map<std::string, int64_t>& counts) {
  Counts sorted(counts.begin(), counts.end());
  std::ranges::stable_sort(sorted, std::greater{}, &Counts::value_type::second);
  return sorted;
}

std::vector<std::string> remarks_on_sizes(const Counts& sizes) {
  if (sizes.size() <= 1) return {};
  return {fmt::format("the images have different sizes, most often {}; all are resized and cropped to one size",
                      sizes.front().first)};
}

std::vector<std::string> remarks_on_sizes(std::span<const ExampleFacts> facts, const DataOptions& options) {
  std::vector<std::string> remarks = remarks_on_sizes(sizes_of(facts));
  int64_t all = 0, wide = 0;
  for (const ExampleFacts& example : facts) {
    if (example.hash.empty()) continue;
    ++all;
    wide += example.infos.front().width == 2 * example.infos.front().height;
  }
  if (options.pairs.layout == PairLayout::kNone && 2 * wide > all)
    remarks.push_back(
        fmt::format("{} {} twice as wide as high; if each is a pair side by side, set data.pairs.layout=halves",
                    counted(wide, "image"), is_or_are(wide)));
  return remarks;
}

std::vector<std::string> remarks_on_classes(const Counts& classes) {
  constexpr int64_t kNamed = 5;  // classes of numbers may have many gaps
  std::vector<std::string> remarks;
  int64_t empty = 0;
  int64_t all = 0;
  for (const auto& [name, count] : classes) all += count;
  for (const auto& [name, count] : classes) {
    if (classes.size() > 1 && count * 10 >= all * 9)
      remarks.push_back(fmt::format("class '{}' holds {} of {} images", name, with_commas(count), with_commas(all)));
    if (count == 0 && ++empty <= kNamed) remarks.push_back(fmt::format("class '{}' has no images", name));
  }
  if (empty > kNamed)
    remarks.push_back(fmt::format("{} more {} no images", with_commas(empty - kNamed),
                                  empty - kNamed == 1 ? "class has" : "classes have"));
  return remarks;
}

}  // namespace figment
