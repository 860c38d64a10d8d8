#include "figment/runs/drawing.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "figment/base/error.h"
#include "figment/base/text.h"
#include "figment/contracts/dataset.h"
#include "figment/data/conditions.h"
#include "figment/data/conform.h"
#include "figment/runs/feature_extractor.h"
#include "figment/runs/parents.h"
#include "figment/runs/pictures.h"
#include "figment/runs/pipeline.h"
#include "figment/runs/run_images.h"
#include "figment/tensor/tensors.h"

namespace figment {
namespace {

/// An option that this model does not use must stay at its default: else a user would think that it has an effect.
void expect_options_used(const Samples& samples, const SampleOptions& options, const std::string& where) {
  const SampleOptions defaults;
  const auto used = samples.options_used();
  for (const Field& field : kFields<SampleOptions>)
    if (field.get(&options) != field.get(&defaults) && std::ranges::find(used, field.name) == used.end())
      throw ConfigError(fmt::format("{} does not use {}; it uses {}", where, field.name,
                                    used.empty() ? "no option" : listed({used.begin(), used.end()})));
}

/// What is given to a model to complete: images of the data, or grids of codes with the coarser ones beside them.
Batch encoded(const LoadedRun& run, const Tensor& images) {
  EncodesDiscrete* coder = code_maker(run.parents);
  if (!coder) return {.x = images};
  std::vector<Tensor> grids = coder->encode_codes(images);
  const size_t coarser = run.spec.condition.codes.size();
  Batch batch{.x = grids.at(coarser)};
  batch.condition.codes.assign(grids.begin(), grids.begin() + std::ptrdiff_t(coarser));
  return batch;
}

Conditions conditions_of(const LoadedRun& run, const ConditionSpec& takes, const std::vector<Given>& given) {
  const Condition examples = takes_examples(takes) ? load_examples(run.folder, run.spec).condition : Condition{};
  return {takes, given, examples, "sample: " + run.recipe.model,
          value_range_of_condition(run_of_images(run).recipe.data)};
}

}  // namespace

std::vector<std::string> classes_of(LoadedRun& run, const DrawRequest& request) {
  need<Samples>(run, "draw samples");
  const ConditionSpec takes = pipeline(*run.model, run.parents)->takes();
  return labels_in_words(takes, conditions_of(run, takes, request.given).rows(request.first, request.count));
}

std::vector<Image> draw_images(LoadedRun& run, const DrawRequest& request) {
  need<Samples>(run, "draw samples");
  const auto samples = pipeline(*run.model, run.parents);
  expect_options_used(*samples, request.options, "sample: " + run.recipe.model);
  if (request.count < 1) throw ConfigError(fmt::format("sample: the count must be at least 1, got {}", request.count));
  const Conditions conditions = conditions_of(run, samples->takes(), request.given);
  std::vector<Tensor> all;
  for (int64_t drawn = 0; drawn < request.count; drawn += kEvaluationBatch) {
    const int64_t first = request.first + drawn, count = std::min(kEvaluationBatch, request.count - drawn);
    SampleRequest part = request_for(conditions.rows(first, count), request.seed, first, count, run.device);
    part.options = request.options;
    const auto share = [&](int64_t images) { return double(images) / double(request.count); };
    part.go_on = part_of_progress(request.go_on, share(drawn), share(drawn + count));
    const SeededScope seeded{uint64_t(request.seed)};
    all.push_back(samples->sample(part).cpu());
    report_progress(request.go_on, share(drawn + count));
  }
  return pictures_of(run, torch::cat(all));
}

std::vector<std::vector<Image>> complete_images(LoadedRun& run, const CompleteRequest& request) {
  need<Completes>(run, "complete images");
  const auto drawn = pipeline(*run.model, run.parents);
  auto& completes = dynamic_cast<Completes&>(*drawn);
  const std::string where = "complete: " + run.recipe.model;
  expect_options_used(completes, request.options, where);
  if (request.draws < 1 || request.keep < 0 || request.keep > 1)
    throw ConfigError(fmt::format("complete: draws must be at least 1 and keep lie in [0,1], got {} and {}",
                                  request.draws, request.keep));
  EncodesDiscrete* coder = code_maker(run.parents);
  const bool own = !request.images.empty();
  const Batch given = own ? encoded(run, tensor_of(run, request.images)) : examples_of(run, request.count);
  const Tensor before = own     ? tensor_of(run, request.images)
                        : coder ? coder->decode_codes(all_grids(given.condition, given.x))  // the run keeps codes alone
                                : given.x;
  const int64_t height = given.x.size(-2), kept = int64_t(request.keep * double(height)), draws = request.draws;
  const Tensor blank = upper_rows(before, kept, height);
  std::vector<std::vector<Image>> all;
  for (int64_t i = 0; i < given.size(); ++i) {
    const Condition example = rows_at(given.condition, torch::full({draws}, i, torch::kLong));
    const Condition condition = own || !request.given.empty()
                                    ? Conditions(completes.takes(), request.given, example, where,
                                                 value_range_of_condition(run_of_images(run).recipe.data))
                                          .rows(0, draws)
                                    : chosen(example, completes.takes());
    SampleRequest part = request_for(condition, request.seed, i * draws, draws, run.device);
    part.condition.codes = example.codes;
    part.options = request.options;
    const auto images = double(given.size());
    part.go_on = part_of_progress(request.go_on, double(i) / images, double(i + 1) / images);
    const SeededScope seeded{uint64_t(request.seed)};
    const Tensor x = given.x.narrow(0, i, 1).repeat_interleave(draws, 0);
    std::vector<Image> row = images_of(torch::stack({before[i], blank[i]}));
    for (Image& image : images_of(completes.complete(part, x, kept))) row.push_back(std::move(image));
    all.push_back(std::move(row));
    report_progress(request.go_on, double(i + 1) / images);
  }
  return all;
}

}  // namespace figment
