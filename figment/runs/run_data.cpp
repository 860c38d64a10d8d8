#include "figment/runs/run_data.h"

#include <fmt/format.h>

#include <algorithm>

#include "figment/base/file.h"
#include "figment/config/json.h"
#include "figment/data/code_set.h"
#include "figment/data/loader.h"
#include "figment/runs/parents.h"
#include "figment/runs/run_words.h"

namespace figment {

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
                                 .notes = opening.notes,
                                 .go_on = opening.go_on,
                                 .most = opening.most});
  for (const auto& images : opened.images)
    opened.sets.push_back(
        code_set(*images, *maker, parent.weights, parent.device, out / "cache", options.grid, opening.notes));
  return opened;
}

std::unique_ptr<Dataset> open_run_data(const DataOptions& options, Split split, const Parents& parents,
                                       const std::filesystem::path& out, const DataSpec* spec,
                                       std::vector<std::string>& notes, int64_t most) {
  std::vector<SkippedFile> skipped;
  std::vector<std::string> said;
  auto data =
      std::move(open_run_sets(options, {split}, parents, out,
                              {.like = spec, .augmented = false, .skipped = &skipped, .notes = &said, .most = most})
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
