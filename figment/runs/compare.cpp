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

void expect_comparable(const CompareRequest& request) {
  if (request.runs.size() < 2)
    throw ConfigError(fmt::format("compare: takes two runs at least, got {}", request.runs.size()));
  if (request.evaluate.data) return;
  const auto source = [](const std::filesystem::path& run) {
    return read_recipe(Table::load(RunFolder::at(run).recipe())).data.source;
  };
  for (const auto& run : request.runs)
    if (source(run) != source(request.runs.front()))
      throw ConfigError(
          fmt::format("compare: '{}' learned from '{}', '{}' from '{}'; say with --data which images "
                      "they are measured on",
                      request.runs.front().string(), source(request.runs.front()), run.string(), source(run)));
}

/// One network for all: distances by different networks do not compare.
std::optional<std::string> common_features(const CompareRequest& request) {
  if (request.evaluate.features) return request.evaluate.features;
  std::optional<std::string> newest;
  for (const auto& path : request.runs) {
    const RunFolder run = RunFolder::at(path);
    const auto found = feature_extractor_of(run);
    if (!found) continue;
    if (found->path() == run.parent(kFeaturesRole)) return found->path().string();
    if (!newest) newest = found->path().string();
  }
  return newest;
}

}  // namespace

Comparison compare_runs(const CompareRequest& request, const std::string& device) {
  expect_comparable(request);
  EvaluateRequest evaluate = request.evaluate;
  evaluate.features = common_features(request);
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
    evaluate.go_on = [&](double done) {
      return !request.evaluate.go_on ||
             request.evaluate.go_on((double(all.size()) + done) / double(request.runs.size()));
    };
    Compared one{.name = path.lexically_normal().lexically_relative(folder.out().lexically_normal()).string()};
    const auto go_on = [&](double) { return evaluate.go_on(0); };  // no part of the progress, but it can be cancelled
    one.samples = grid(run->sample({.count = kShown, .seed = evaluate.seed, .go_on = go_on}), kColumns);
    one.evaluation = run->evaluate(evaluate);
    one.record = read_record(path);
    all.push_back(std::move(one));
  }
  return {.json = to_json(all), .page = comparison_page(all)};
}

}  // namespace figment
