// Tested by tests/program_length_test.cpp.
#include "cli/lengths.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "figment/base/text.h"
#include "figment/models/cards.h"

namespace figment::cli {
namespace {

/// Of [training]: "warm_up", and the intervals, whose names end with "_every".
bool is_length(std::string_view training_setting) {
  return training_setting == "warm_up" || training_setting == "average_half_life" ||
         training_setting.ends_with("_every");
}

/// A number of images in [model] has its unit in its name.
bool is_model_length(const Field& row) { return row.name.ends_with("_images"); }

/// The whole number that a table of settings holds at this row.
int64_t number_at(const Table& settings, const Field& row) {
  const Field whole{
      .name = row.name,
      .get = [](const void* number) -> Value { return *static_cast<const int64_t*>(number); },
      .set = [](void* number, const Value& value) { *static_cast<int64_t*>(number) = std::get<int64_t>(value); }};
  int64_t number = 0;
  settings.read_into(&number, std::span(&whole, 1), settings.keys());
  return number;
}

}  // namespace

std::string scale_lengths(Table& recipe, const Recipe& before, const std::function<bool(const std::string&)>& given) {
  const Recipe now = read_recipe(recipe);
  const double share = double(now.training.images) / double(before.training.images);
  std::vector<std::string> scaled;
  const auto scale = [&](const std::string& setting, int64_t length) {
    const auto to = std::max<int64_t>(1, std::llround(share * double(length)));
    const bool longer_interval = setting.ends_with("_every") && to > length;
    if (length == 0 || to == length || longer_interval || given(setting)) return;
    recipe.set(setting, std::to_string(to));
    scaled.push_back(fmt::format("{} = {}", setting, with_commas(to)));
  };
  for (const Field& row : kFields<TrainingOptions>)
    if (is_length(row.name)) scale("training." + std::string(row.name), std::get<int64_t>(row.get(&now.training)));
  for (const Field& row : model_card(now.model).fields)
    if (is_model_length(row)) scale("model." + std::string(row.name), number_at(now.settings, row));
  if (scaled.empty()) return "";
  return fmt::format(
      "the training is of {} in place of {}, so lengths of the recipe are scaled with it: {}; --set NAME=N sets one",
      counted(now.training.images, "image"), with_commas(before.training.images), listed(scaled));
}

}  // namespace figment::cli
