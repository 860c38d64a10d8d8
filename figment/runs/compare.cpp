#include "figment/runs/compare.h"

#include <fmt/format.h>

#include "figment/base/error.h"
#include "figment/media/grid.h"
#include "figment/pages/comparison.h"
#include "figment/runs/feature_extractor.h"
#include "figment/runs/opened_run.h"

namespace figment {
namespace {

constexpr int64_t kShown = 64, kColumns = 8;

DataOptions data_of(const RunFolder& run) { return read_recipe(Table::load(run.recipe())).data; }

/// Equal names of a source are not equal images, nor do other names mean others.
void expect_comparable(const CompareRequest& request) {
  if (request.runs.size() < 2)
    throw ConfigError(fmt::format("compare: takes two runs at least, got {}", request.runs.size()));
  if (request.evaluate.data) return;
  const RunFolder first = RunFolder::at(request.runs.front());
  for (const auto& path : request.runs)
    if (const RunFolder run = RunFolder::at(path); hash_of_images(run) != hash_of_images(first))
      throw ConfigError(fmt::format(
          "compare: '{}' learned from '{}', '{}' from '{}', and these are not the same images; say with --data which "
          "images they are measured on",
          first.path().string(), data_of(first).source, run.path().string(), data_of(run).source));
}

/// One network in this role for all: distances by different networks do not compare.
std::optional<std::string> common_features(const CompareRequest& request, const char* role) {
  std::optional<std::string> newest;
  for (const auto& path : request.runs) {
    const RunFolder run = RunFolder::at(path);
    const auto found = feature_extractor_of(run, role);
    if (!found) continue;
    if (found->path() == run.parent(role)) return found->path().string();
    if (!newest) newest = found->path().string();
  }
  return newest;
}

}  // namespace

Comparison compare_runs(const CompareRequest& request, const std::string& device) {
  expect_comparable(request);
  EvaluateRequest evaluate = request.evaluate;
  if (!evaluate.features) evaluate.features = common_features(request, kFeaturesRole);
  if (!evaluate.second_features) evaluate.second_features = common_features(request, kSecondFeaturesRole);
  std::vector<Compared> all;
  std::vector<std::unique_ptr<OpenedRun>> opened;
  for (const auto& path : request.runs) {  // before anything is measured, each shows that it draws
    const RunFolder folder = RunFolder::at(path);
    opened.push_back(open_run(folder, device));
    if (!opened.back()->draws())
      throw RunError(fmt::format("compare: '{}' is a {} and cannot draw samples; name runs that do", path.string(),
                                 opened.back()->model()));
  }
  for (size_t i = 0; i < opened.size(); ++i) {
    const std::filesystem::path& path = request.runs[i];
    const auto& run = opened[i];
    const RunFolder folder = RunFolder::at(path);
    const auto share = [&](size_t runs) { return double(runs) / double(opened.size()); };
    const Progress& whole = request.evaluate.go_on;
    evaluate.go_on = part_of_progress(whole, share(i), share(i + 1));
    const Progress cancels = part_of_progress(whole, share(i), share(i));  // drawing for the page is no part of it
    Compared one{.name = path.lexically_normal().lexically_relative(folder.out().lexically_normal()).string()};
    one.samples = grid(run->sample({.count = kShown, .seed = evaluate.seed, .go_on = cancels}), kColumns);
    if (const auto sides = run->picture_sides()) one.sides = fmt::format("{} x {}", sides->first, sides->second);
    one.evaluation = run->evaluate(evaluate);
    one.record = read_record(path);
    all.push_back(std::move(one));
  }
  return {.json = to_json(all), .page = comparison_page(all)};
}

}  // namespace figment
