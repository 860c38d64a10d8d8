#include "figment/contracts/entry.h"

#include <fmt/format.h>

#include <algorithm>

#include "figment/base/text.h"

namespace figment {

void expect_takes(const Entry& entry, const DataSpec& spec, std::string_view model, std::string_view source) {
  const auto words = [](const std::vector<std::string_view>& some) {
    return listed(std::vector<std::string>(some.begin(), some.end()));
  };
  if (std::ranges::find(entry.models, held_by(spec)) == entry.models.end())
    throw DataError(fmt::format("{} models {}; '{}' holds {}: name other data, or another model", model,
                                words(entry.models), source, held_by(spec)));
  const std::vector<std::string> there = spec.condition.kinds();
  for (const std::string_view need : entry.needs)
    if (std::ranges::find(there, need) == there.end())
      throw DataError(fmt::format("{} needs data with {} beside each image; '{}' has {}", model, need, source,
                                  there.empty() ? "none" : listed(there)));
}

}  // namespace figment
