#include "figment/data/conform.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "figment/base/error.h"
#include "figment/base/text.h"
#include "figment/data/random.h"

namespace figment {
namespace {

constexpr uint64_t kValidationSeed = 20171;  // any number: changing it changes every run's validation part

}  // namespace

int64_t validation_size(int64_t train, const DataOptions& options) { return std::min(options.validation, train / 10); }

std::vector<int64_t> rows_of(Split split, int64_t train, const DataOptions& options) {
  std::vector<int64_t> order = permutation(train, kValidationSeed);
  const auto border = order.begin() + validation_size(train, options);
  std::vector<int64_t> rows =
      split == Split::kValidation ? std::vector(order.begin(), border) : std::vector(border, order.end());
  std::sort(rows.begin(), rows.end());
  return rows;
}

Tensor indices_of(std::span<const Draw> draws, int64_t size) {
  Tensor rows = torch::empty({int64_t(draws.size())}, torch::kInt64);
  for (size_t i = 0; i < draws.size(); ++i) {
    if (draws[i].index < 0 || draws[i].index >= size)
      throw DataError(fmt::format("Dataset::read: index must be in [0, {}), got {}", size, draws[i].index));
    rows.data_ptr<int64_t>()[i] = draws[i].index;
  }
  return rows;
}

PixelSpec target_pixels(const PixelSpec& own, const DataOptions& options, const DataSpec* like) {
  if (like) return pixels(*like);
  if (options.channels == 2)
    throw ConfigError("data.channels must be 1 (grey), 3 (colour) or 0 (what the images have), got 2");
  PixelSpec target = own;
  if (options.size > 0) target.height = target.width = options.size;
  if (options.channels > 0) target.channels = options.channels;
  return target;
}

void fit(const Image& image, const PixelSpec& target, uint8_t* to) {
  const Image fitted = resized_to_cover(with_channels(image, target.channels), target.width, target.height);
  const int64_t area = target.height * target.width;
  for (int64_t i = 0; i < area; ++i)
    for (int64_t channel = 0; channel < target.channels; ++channel)
      to[channel * area + i] = fitted.pixels[size_t(i * target.channels + channel)];
}

ConformedClasses conformed(const Classes& own, const DataSpec* like, std::string_view where) {
  ConformedClasses result{.names = own.names, .number_of = std::vector<int64_t>(own.names.size())};
  std::iota(result.number_of.begin(), result.number_of.end(), 0);
  if (!like) return result;
  for (const std::string& kind : like->condition.kinds())
    if (kind != "label")
      throw DataError(fmt::format("{}: the run's images come with {}, these have none", where, kind));
  if (!like->condition.label || own.names.empty()) return {};
  const std::vector<std::string>& names = like->condition.label->names;
  result.names = names;
  if (own.numbered && own.names.size() <= names.size()) return result;
  for (size_t i = 0; i < own.names.size(); ++i) {
    const auto found = std::find(names.begin(), names.end(), own.names[i]);
    if (found == names.end())
      throw DataError(fmt::format("{}: the run does not know the class '{}'{}", where, own.names[i],
                                  did_you_mean(own.names[i], names, "it knows " + listed(names))));
    result.number_of[i] = found - names.begin();
  }
  return result;
}

}  // namespace figment
