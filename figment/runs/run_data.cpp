#include "figment/runs/run_data.h"

#include <fmt/format.h>

#include <algorithm>

#include "figment/base/file.h"
#include "figment/config/json.h"
#include "figment/contracts/capabilities.h"
#include "figment/data/code_set.h"
#include "figment/data/loader.h"
#include "figment/runs/parents.h"
#include "figment/runs/run_words.h"

namespace figment {
namespace {

/// Of opening the data of a run that learns from codes, the part that reads the images; the rest makes the codes.
constexpr double kReading = 0.3;

}  // namespace

RunSets open_run_sets(const DataOptions& options, const std::vector<Split>& splits, const Parents& parents,
                      const std::filesystem::path& out, const Opening& opening) {
  EncodesDiscrete* maker = code_maker(parents);
  if (!maker) return {.sets = open_datasets(options, splits, opening)};
  const LoadedRun& parent = parents.at(kCodesRole);
  RunSets opened;
  opened.images = open_datasets(options, splits,
                                {.like = &parent.spec,
                                 .augmented = false,
                                 .skipped = opening.skipped,
                                 .may_lack_classes = opening.may_lack_classes,
                                 .notes = opening.notes,
                                 .go_on = part_of_progress(opening.go_on, 0, kReading),
                                 .most = opening.most});
  const auto sets = double(opened.images.size());
  for (const auto& images : opened.images) {
    const auto done = [&](double set) { return kReading + (1 - kReading) * set / sets; };
    const auto set = double(opened.sets.size());
    opened.sets.push_back(code_set(*images, *maker, parent.weights, parent.device, out / "cache", options.grid,
                                   opening.notes, part_of_progress(opening.go_on, done(set), done(set + 1))));
  }
  return opened;
}

namespace {

/// Whether the model, or one that draws before it, is given the class of an image, or is measured by the class it
/// names.
bool is_given_classes(const LoadedRun& run) {
  if (dynamic_cast<const Classifies*>(run.model.get())) return true;
  const auto takes_classes = [](const Model& model) {
    const auto* samples = dynamic_cast<const Samples*>(&model);
    const auto* embeds = dynamic_cast<const EmbedsConditions*>(&model);
    return (samples && !samples->takes().labels.empty()) || (embeds && !embeds->takes().labels.empty());
  };
  return takes_classes(*run.model) ||
         std::ranges::any_of(run.parents, [&](const auto& parent) { return takes_classes(*parent.second.model); });
}

}  // namespace

Opening opening_to_measure(const LoadedRun& run, const DataSpec& like, std::vector<std::string>* notes,
                           std::vector<SkippedFile>* skipped, const Progress& go_on, int64_t most) {
  return {.like = &like,
          .augmented = false,
          .skipped = skipped,
          .may_lack_classes = !is_given_classes(run),
          .notes = notes,
          .go_on = go_on,
          .most = most};
}

std::unique_ptr<Dataset> open_run_data(const LoadedRun& run, const DataOptions& options, Split split,
                                       std::vector<std::string>& notes, const Progress& go_on, int64_t most) {
  std::vector<SkippedFile> skipped;
  std::vector<std::string> said;
  auto data = std::move(open_run_sets(options, {split}, run.parents, run.folder.out(),
                                      opening_to_measure(run, run.spec, &said, &skipped, go_on, most))
                            .sets.front());
  if (!skipped.empty())
    said.push_back(sentence_of_skipped(
        skipped, data->size(),
        (split == Split::kAll ? "" : fmt::format("the {} split of ", kWords<Split>[size_t(split)])) + "'" +
            options.source + "'"));
  for (std::string& note : said)
    if (std::ranges::find(notes, note) == notes.end()) notes.push_back(std::move(note));
  return data;
}

std::string stated_of_data(const RunFolder& run, const char* name) {
  const std::string manifest = run.manifest().string();
  return spoken(find(parse_json(read_file(manifest), manifest), {"data", name}));
}

std::string stated_hash(const RunFolder& run, Split split) {
  switch (split) {
    case Split::kTrain:
      return stated_of_data(run, "hash");
    case Split::kValidation:
      return stated_of_data(run, "validation_hash");
    case Split::kTest:
      return stated_of_data(run, "test_hash");
    case Split::kAll:
      break;
  }
  return {};
}

Batch first_examples(const Dataset& data, int64_t most) {
  std::vector<Draw> draws;
  for (int64_t i = 0; i < std::min(most, data.size()); ++i) draws.push_back({i, uint64_t(i)});
  return data.read(draws);
}

std::function<void(const std::function<void(const Batch&)>&)> first_batches(const Dataset& data, int64_t n,
                                                                            torch::Device device) {
  return [&data, n, device](const std::function<void(const Batch&)>& f) {
    each_batch(data, kEvaluationBatch, [&](const Batch& batch) { f(to(batch, device)); }, n);
  };
}

}  // namespace figment
