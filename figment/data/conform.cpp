#include "figment/data/conform.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "figment/base/error.h"
#include "figment/base/hash.h"
#include "figment/base/text.h"
#include "figment/data/random.h"

namespace figment {
namespace {

constexpr uint64_t kValidationSeed = 20171;  // any number: changing it changes every run's validation part

}  // namespace

int64_t validation_size(int64_t train, const DataOptions& options) { return std::min(options.validation, train / 10); }

bool is_for_testing(std::string_view name) { return std::stoull(hash_of(name).substr(0, 8), nullptr, 16) % 10 == 0; }

std::vector<int64_t> rows_of(Split split, int64_t train, const DataOptions& options) {
  std::vector<int64_t> order = permutation(train, kValidationSeed);
  const auto border = order.begin() + validation_size(train, options);
  std::vector<int64_t> rows = split == Split::kAll          ? order
                              : split == Split::kValidation ? std::vector(order.begin(), border)
                                                            : std::vector(border, order.end());
  std::sort(rows.begin(), rows.end());
  return rows;
}

bool extents_known(const DataOptions& options, const DataSpec* like) {
  if (like && options.crop == 0) return true;
  return options.size > 0 && (like || options.channels > 0);
}

PixelSpec target_pixels(const PixelSpec& own, const DataOptions& options, const DataSpec* like) {
  if (like && options.crop == 0) return pixels(*like);
  if (options.channels == 2)
    throw ConfigError("data.channels must be 1 (grey), 3 (colour) or 0 (what the images have), got 2");
  PixelSpec target = own;
  if (options.size > 0) target.height = target.width = options.size;
  if (options.channels > 0) target.channels = options.channels;
  if (!like) return target;
  const PixelSpec& wanted = pixels(*like);
  if (wanted.height != options.crop || wanted.width != options.crop)
    throw DataError(fmt::format("data.crop is {}, the run's images are {} x {}; leave data.crop at 0", options.crop,
                                wanted.width, wanted.height));
  target.channels = wanted.channels;
  return target;
}

std::optional<ValueRange> value_range(const DataOptions& options) {
  const std::vector<int64_t>& range = options.range;
  if (range.empty()) return std::nullopt;
  if (range.size() != 2 || range[0] >= range[1])
    throw ConfigError(fmt::format("data.range must be two numbers, the smaller one first, as in [0, 4095], got [{}]",
                                  fmt::join(range, ", ")));
  return ValueRange{.least = range[0], .most = range[1]};
}

std::optional<ValueRange> value_range_of_condition(const DataOptions& options) {
  return options.pairs.layout == PairLayout::kHalves ? value_range(options) : std::nullopt;
}

void fit(const Image& image, const PixelSpec& target, uint8_t* to) {
  const Image fitted = resized_to_cover(with_channels(image, target.channels), target.width, target.height);
  const int64_t area = target.height * target.width;
  for (int64_t i = 0; i < area; ++i)
    for (int64_t channel = 0; channel < target.channels; ++channel)
      to[channel * area + i] = fitted.pixels[size_t(i * target.channels + channel)];
}

void expect_kinds(const ConditionSpec& own, const DataSpec* like, std::string_view where) {
  if (!like) return;
  const std::vector<std::string> there = own.kinds();
  for (const std::string& kind : like->condition.kinds())
    if (kind != "labels" && std::ranges::find(there, kind) == there.end())
      throw DataError(fmt::format("{}: the run's images come with {}, these have none", where, kind));
}

std::optional<int64_t> number_of_name(const std::string& word, const std::vector<std::string>& names) {
  if (const auto found = std::ranges::find(names, word); found != names.end()) return found - names.begin();
  const auto alike = [&](const std::string& name) { return in_small_letters(name) == in_small_letters(word); };
  if (std::ranges::count_if(names, alike) != 1) return std::nullopt;
  return std::ranges::find_if(names, alike) - names.begin();
}

namespace {

/// The numbers of `own`'s values in the list of names that the run has.
std::vector<int64_t> numbers_of(const Attribute& own, const LabelSpec& like, std::string_view where) {
  const std::vector<std::string>&values = own.labels.names, &names = like.names;
  std::vector<int64_t> numbers(values.size());
  std::iota(numbers.begin(), numbers.end(), 0);
  if (own.numbered && values.size() <= names.size()) return numbers;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto number = number_of_name(values[i], names);
    if (!number)
      throw DataError(fmt::format("{}: the run does not know the {} '{}'{}", where, like.name, values[i],
                                  did_you_mean(values[i], names, "it knows " + listed(names))));
    numbers[i] = *number;
  }
  return numbers;
}

/// The attribute of `own` that a run calls `wanted`, with the run's names and numbers.
ConformedAttribute as_wanted(const LabelSpec& wanted, const std::vector<Attribute>& own, std::string_view where) {
  const auto found =
      std::ranges::find_if(own, [&](const Attribute& attribute) { return attribute.labels.name == wanted.name; });
  if (found == own.end())
    throw DataError(
        fmt::format("{}: the run's data have the attribute '{}', these have none of that name", where, wanted.name));
  return {.labels = wanted, .own = size_t(found - own.begin()), .number_of = numbers_of(*found, wanted, where)};
}

}  // namespace

std::vector<ConformedAttribute> conformed(const std::vector<Attribute>& own, const Opening& opening,
                                          std::string_view where) {
  std::vector<ConformedAttribute> all;
  if (own.empty()) return all;
  if (!opening.like) {
    for (size_t i = 0; i < own.size(); ++i)
      all.push_back({.labels = own[i].labels, .own = i, .number_of = numbers_of(own[i], own[i].labels, where)});
    return all;
  }
  for (const LabelSpec& wanted : opening.like->condition.labels) try {
      all.push_back(as_wanted(wanted, own, where));
    } catch (const DataError& error) {
      if (!opening.may_lack_classes) throw;
      if (opening.notes)
        opening.notes->push_back(
            fmt::format("{} (the model is not given it, so the images are taken without)", error.what()));
    }
  return all;
}

std::vector<LabelSpec> label_specs(const std::vector<ConformedAttribute>& attributes) {
  std::vector<LabelSpec> specs;
  for (const ConformedAttribute& attribute : attributes) specs.push_back(attribute.labels);
  return specs;
}

}  // namespace figment
