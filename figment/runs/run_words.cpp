// Tested by tests/program_output_test.cpp and tests/picture_folder_test.cpp.
#include "figment/runs/run_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <vector>

#include "figment/base/text.h"
#include "figment/models/cards.h"
#include "figment/pages/report_words.h"
#include "figment/runs/instance.h"

namespace figment {

std::string sentence_of_skipped(const std::vector<SkippedFile>& skipped, int64_t used, const std::string& where) {
  std::map<std::string, std::vector<const SkippedFile*>> by_reason;
  for (const SkippedFile& file : skipped)
    by_reason[file.reason.substr(0, file.reason.find_first_of("0123456789"))].push_back(&file);
  std::vector<std::string> reasons;
  for (const auto& [reason, files] : by_reason)
    reasons.push_back(files.size() == 1 ? fmt::format("{} ({})", files[0]->name, files[0]->reason)
                                        : fmt::format("{} files, the first {} ({})", with_commas(int64_t(files.size())),
                                                      files[0]->name, files[0]->reason));
  const auto left_out = int64_t(skipped.size());
  return fmt::format("{} of {} of {} are used, since {} cannot be: {}; `figment data` shows them all",
                     with_commas(used), counted(used + left_out, "image"), where, with_commas(left_out),
                     fmt::join(reasons, "; "));
}

std::string in_words(const ReadyRun& run, const Model& model) {
  const auto* label = run.spec.condition.label();
  const TrainingOptions& options = run.recipe.training;
  const std::string threads = counted(options.threads, "thread");
  return fmt::format("{}; {} to train on{}; {} of {}; {}, {}, {}", example_words(to_json(run.spec)),
                     counted(run.data.train->size(), "image"),
                     label ? fmt::format(", {} classes", label->names.size()) : "", run.recipe.model,
                     counted(parameter_count(model), "parameter"), run.device.str(),
                     options.processes > 1 ? fmt::format("{} processes of {}", options.processes, threads) : threads,
                     kWords<Precision>[size_t(options.precision)]);
}

std::string advice_on_colour(const Recipe& recipe, const DataSpec& spec) {
  const auto* picture = std::get_if<PixelSpec>(&spec.x);
  const ModelCard& card = model_card(recipe.model);
  const auto colour = std::ranges::find(card.others, "colour", &NamedRecipe::name);
  if (!picture || picture->channels == 1 || colour == card.others.end()) return "";
  const auto settings = [&](std::string_view text) {
    Table model = Table::parse(text, "a recipe of figment").child("model");
    model.erase("id");
    return card.resolve(model);
  };
  const Table for_grey = settings(card.recipe), for_colour = settings(colour->text);
  for (const Field& row : card.fields) {
    const std::string now = recipe.settings.spoken(row.name), meant = for_colour.spoken(row.name);
    if (!row.choices.empty() && now == for_grey.spoken(row.name) && now != meant)
      return fmt::format(
          "these pictures have colour, and {}={} is meant for grey ones; the recipe for colour is `figment train "
          "{}/colour`, with {}={}",
          row.name, now, card.id, row.name, meant);
  }
  return "";
}

std::string other_processes_in_words(int before, int now) {
  return fmt::format(
      "the number of processes is {} from here on, it was {}: the weights will not have the bytes that they would have "
      "had without this change",
      now, before);
}

std::string stopped_in_words(const RunFolder& folder, int64_t images, int64_t of_images) {
  const std::string command = "figment resume " + shell_quoted(folder.whole().string());
  if (images == 0) return fmt::format("stopped before the first step; `{}` begins the training", command);
  return fmt::format("stopped and saved after {} of {}; `{}` continues", with_commas(images),
                     counted(of_images, "image"), command);
}

}  // namespace figment
