#include "figment/runs/evaluate_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/hash.h"
#include "figment/base/text.h"
#include "figment/data/source.h"
#include "figment/evaluation/metrics.h"
#include "figment/pages/report.h"
#include "figment/records/run_names.h"
#include "figment/records/run_record.h"
#include "figment/runs/feature_extractor.h"
#include "figment/runs/parents.h"
#include "figment/runs/pipeline.h"
#include "figment/runs/run_data.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

using OpenSplit = std::function<std::unique_ptr<Dataset>(const DataOptions&, Split, int64_t most)>;

/// The data that the request names, else the run's own, and the splits of the run's own.
Parts parts_of(const EvaluateRequest& request, const DataOptions& own, torch::Device device, const OpenSplit& open) {
  using Opened = std::map<std::tuple<bool, Split, int64_t>, std::unique_ptr<Dataset>>;
  const auto opened = std::make_shared<Opened>();
  const auto part = [=](const std::optional<std::string>& named, Split split, int64_t most) -> Part {
    return [=]() -> Examples {
      auto& data = (*opened)[{named.has_value(), split, most}];
      if (!data) data = open(with_source(own, named), split, most);
      const int64_t count = most > 0 ? std::min(most, data->size()) : data->size();
      return {.count = count,
              .opened = data->size(),
              .each_batch = first_batches(*data, count, device),
              .hash = [set = data.get()] { return set->hash(); }};
    };
  };
  return {.measured = part(request.data, request.split, request.count),
          .train = part({}, Split::kTrain, 0),
          .validation = part({}, Split::kValidation, 0),
          .test = part({}, Split::kTest, 0)};
}

/// A model that is given something beside each image cannot be measured on images without it.
void expect_conditions(const LoadedRun& run, const Dataset& data, const DataOptions& options) {
  const auto* samples = dynamic_cast<const Samples*>(run.model.get());
  if (!samples) return;
  const std::vector<std::string> there = data.spec().condition.kinds();
  for (const std::string& kind : samples->takes().kinds()) {
    if (std::ranges::find(there, kind) != there.end()) continue;
    if (kind == "labels")
      throw DataError(
          fmt::format("{}: {} takes a class with each image, these have none; sort them into sub-folders "
                      "named {}",
                      options.source, run.recipe.model, listed(run.spec.condition.label()->names)));
    throw DataError(
        fmt::format("{}: {} takes '{}' with each image, these have none", options.source, run.recipe.model, kind));
  }
}

/// What opening images tells: sentences, and how far it is.
struct Told {
  std::vector<std::string>& notes;
  const Progress& go_on;
};

/// Nearest training images, floors and components are to be of the images that the run learned from.
void say_other_training_images(const Dataset& data, const DataOptions& options, Split split, const LoadedRun& images,
                               std::vector<std::string>& notes) {
  if (split != Split::kTrain || options.source != images.recipe.data.source) return;
  const std::string stated = stated_hash(images.folder, Split::kTrain);
  if (stated.empty() || data.hash() == stated) return;
  notes.push_back(
      fmt::format("'{}': the training images are not those that the run learned from, so figures that compare with "
                  "training images are of others",
                  options.source));
}

/// What the model learned to draw.
Parts data_of(const LoadedRun& run, const EvaluateRequest& request, Told told) {
  const auto open = [&run, told](const DataOptions& options, Split split, int64_t most) {
    auto data = open_run_data(run, options, split, told.notes, told.go_on, most);
    expect_conditions(run, *data, options);
    if (most == 0 && !code_maker(run.parents)) say_other_training_images(*data, options, split, run, told.notes);
    return data;
  };
  return parts_of(request, run.recipe.data, run.device, open);
}

/// The images that codes were made of.
Parts images_behind_codes(const LoadedRun& run, const EvaluateRequest& request, Told told) {
  const auto open = [&run, told](const DataOptions& options, Split split, int64_t most) {
    const LoadedRun& images = run_of_images(run);
    std::vector<SkippedFile> said_of_the_codes;
    std::vector<std::string> too;
    auto data =
        std::move(open_datasets(options, {split},
                                opening_to_measure(run, images.spec, &too, &said_of_the_codes, told.go_on, most))
                      .front());
    if (most == 0) say_other_training_images(*data, options, split, images, told.notes);
    return data;
  };
  return parts_of(request, run.recipe.data, run.device, open);
}

/// What images are drawn for: what the measured examples have, so that each class has the share that it has there.
Condition conditions_of(const ConditionSpec& takes, const Part& measured) {
  if (takes.kinds().empty()) return {};
  std::vector<Batch> parts;
  measured().each_batch([&](const Batch& batch) {
    parts.push_back(to({.x = torch::empty({batch.size()}), .condition = chosen(batch.condition, takes)}, torch::kCPU));
  });
  return concatenated(parts).condition;
}

/// Whether the images that are measured are among those that the run learned from: a copy of them, or a link, too.
bool learned_from(const LoadedRun& run, const EvaluateRequest& request, const Parts& measured, const Progress& go_on) {
  if (request.split != Split::kTrain && request.split != Split::kAll) return false;
  const LoadedRun& images = run_of_images(run);
  const DataOptions& own = images.recipe.data;
  std::error_code ignored;
  if (!request.data || from_anywhere(*request.data) == own.source || fs::equivalent(*request.data, own.source, ignored))
    return true;
  const std::string stated = stated_hash(images.folder, Split::kTrain), manifest = images.folder.manifest().string();
  const auto count = integer_of(find(parse_json(read_file(manifest), manifest), {"data", "train"}));
  if (stated.empty() || measured.measured().opened < count.value_or(0)) return false;
  if (request.split == Split::kTrain) return measured.measured().hash() == stated;
  try {  // as many as the run learned from: only then its training part is worth reading
    std::vector<SkippedFile> skipped;
    std::vector<std::string> notes;
    return open_datasets(with_source(own, request.data), {Split::kTrain},
                         opening_to_measure(run, images.spec, &notes, &skipped, go_on))
               .front()
               ->hash() == stated;
  } catch (const DataError&) { return false; }  // it has no training part
}

/// `told` is used while the subject is measured, too.
Subject subject_of(const LoadedRun& run, const EvaluateRequest& request, Samples* draws, Told told) {
  std::vector<std::string>& notes = told.notes;
  Subject subject{.model = *run.model,
                  .data = data_of(run, request, told),
                  .draws = draws,
                  .coder = code_maker(run.parents),
                  .split = std::string(kWords<Split>[size_t(request.split)]),
                  .seed = request.seed,
                  .importance_samples = request.importance_samples};
  subject.n = subject.data.measured().count;
  if (subject.n == 0)
    throw DataError(fmt::format("evaluate: the {} split of '{}' is empty", subject.split,
                                with_source(run.recipe.data, request.data).source));
  const bool of_images = std::holds_alternative<PixelSpec>(run_of_images(run).spec.x);
  if (of_images) subject.images = subject.coder ? images_behind_codes(run, request, told) : subject.data;
  subject.of_training = learned_from(run, request, of_images ? subject.images : subject.data, told.go_on);
  if (!of_images) return subject;
  if (!draws) return subject;
  subject.draw_condition = [condition = conditions_of(draws->takes(), subject.data.measured), device = run.device](
                               int64_t first, int64_t count) {
    return to(rows_at(condition, torch::arange(first, first + count)), device);
  };
  subject.features = load_feature_extractor(run, kFeaturesRole, request.features, notes);
  if (!subject.features) subject.without_features = without_feature_extractor(run, kFeaturesRole);
  subject.second = load_feature_extractor(run, kSecondFeaturesRole, request.second_features, notes);
  if (!subject.second || (subject.features && subject.second->parent.weights == subject.features->parent.weights)) {
    subject.second.reset();  // the first one again would be no second opinion
    subject.without_second = without_feature_extractor(run, kSecondFeaturesRole);
  }
  return subject;
}

/// The run's own figures, which its report shows until training goes on. A look at a few images does not replace those
/// of all; one at as many with the same seed adds to them. Throws RunError where another checkpoint is the best by now,
/// FileError where the run cannot be written.
void keep(const Evaluation& evaluation, const LoadedRun& run, int64_t n, int64_t of_seed) {
  const fs::path folder = run.folder.path();
  if (const int64_t best = run.folder.best_images(); best != run.images)
    throw RunError(fmt::format(
        "they are of the checkpoint after {}, {}", counted(run.images, "image"),
        run.checkpoint == kBestCheckpoint
            ? fmt::format("and the training went on: the best one is now that after {}; evaluate again",
                          with_commas(best))
            : fmt::format("and a run keeps the figures of its best one, which is that after {}", with_commas(best))));
  const RunRecord record = read_record(folder);
  Json kept = {{"run", folder.string()}, {"model", run.recipe.model}};
  kept.update(to_json(evaluation));
  const Json& measured = find(record.evaluation, {"checkpoint"});
  const bool same = measured.is_null() || measured == run.images;  // else of weights that are the best no more
  const Json earlier = same ? find(record.evaluation, {"metrics"}) : Json::object();
  for (const auto& [name, metric] : earlier.items()) {
    const Json &count = find(metric, {"n"}), &seed = find(metric, {"seed"});
    if (count.is_number_integer() && count > n) return;
    if (count == n && seed == of_seed && !kept["metrics"].contains(name)) kept["metrics"][name] = metric;
  }
  if (evaluation.pictures.empty() && kept["metrics"].contains("frechet_distance"))  // they belong to figures kept
    for (const char* part : {"histograms", "pictures", "parents"}) kept[part] = find(record.evaluation, {part});
  for (const Picture& picture : evaluation.pictures) {
    const std::string file = run.folder.write_picture(picture.name, run.images, encode_png(picture.image));
    kept["pictures"][picture.name] = {{"file", file}, {"caption", picture.caption}};
  }
  write_file(run.folder.evaluation(), json_text(kept, 2) + "\n");
  write_report(folder);
}

/// Figures of other images than the run's own test images, beside the run's figures and never in their place.
void keep_apart(Evaluation& evaluation, const LoadedRun& run, const std::string& source, const std::string& split,
                const std::string& hash) {
  Json kept = {{"run", run.folder.path().string()}, {"model", run.recipe.model}, {"data", source}, {"data_hash", hash}};
  kept.update(to_json(evaluation));
  make_own_folder(run.folder.evaluations());
  const fs::path file = run.folder.evaluations() / fmt::format("{}-{}.json", short_hash(hash), images_name(run.images));
  write_file(file, json_text(kept, 2) + "\n");
  evaluation.warnings.push_back(fmt::format(
      "'{}', {} split: these are not the test images that the run began with, so the figures are kept apart, "
      "in '{}'",
      source, split, file.string()));
}

/// Figures of the run's own test images are its own, wherever the images lie by now. Of the first `-n` images of a
/// folder only those are read, which have no hash to compare: that the figures are kept unseen is then said.
void keep_figures(Evaluation& evaluation, const LoadedRun& run, const EvaluateRequest& request,
                  const Subject& subject) {
  const bool own = request.split == Split::kTest && !request.data;
  if (request.split != Split::kTest && !request.data) return;
  const std::string stated = stated_hash(run.folder, Split::kTest);  // empty in a run of an earlier figment
  if (stated.empty()) {
    if (own) keep(evaluation, run, subject.n, request.seed);
    return;
  }
  const Examples measured = (subject.coder ? subject.images : subject.data).measured();
  const std::string hash = measured.hash(), source = request.data.value_or(run.recipe.data.source);
  if (hash == stated) {
    keep(evaluation, run, subject.n, request.seed);
  } else if (request.count == 0) {
    keep_apart(evaluation, run, source, subject.split, hash);
  } else if (own && measured.opened == request.count) {
    evaluation.warnings.push_back(
        fmt::format("of '{}' {} were read, so whether they are the test images that the run began with was not "
                    "compared; without -n it is",
                    source, counted(measured.opened, "image")));
    keep(evaluation, run, subject.n, request.seed);
  } else if (own) {
    evaluation.warnings.push_back(fmt::format(
        "'{}', {} split: these are not the test images that the run began with, so figures of {} of them are not kept",
        source, subject.split, with_commas(request.count)));
  }
}

}  // namespace

Evaluation evaluate_run(const LoadedRun& run, const EvaluateRequest& request) {
  const torch::NoGradGuard no_grad;
  const auto draws = pipeline(*run.model, run.parents);
  std::vector<std::string> notes;
  double said = 0;  // the share: a part of the images that is read later does not take it back
  const Progress tell = [&](double done) {
    said = std::max(said, done);
    return !request.go_on || request.go_on(said);
  };
  const Progress loading = part_of_progress(tell, 0, kOfLoading);
  const Subject subject = subject_of(run, request, draws.get(), {.notes = notes, .go_on = loading});
  const Progress measuring = part_of_progress(tell, said, 1);
  Evaluation evaluation = measure(subject, [&](double done) { report_progress(measuring, done); });
  evaluation.images = run.images;
  evaluation.of_training = subject.of_training;
  evaluation.warnings.insert(evaluation.warnings.end(), notes.begin(), notes.end());
  if (subject.features) evaluation.parents[kFeaturesRole] = subject.features->parent;
  if (subject.second) evaluation.parents[kSecondFeaturesRole] = subject.second->parent;
  try {
    keep_figures(evaluation, run, request, subject);
  } catch (const Error& error) {  // the figures still count
    evaluation.warnings.push_back(fmt::format("the figures are not kept in the run: {}", error.what()));
  }
  return evaluation;
}

}  // namespace figment
