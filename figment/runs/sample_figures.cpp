#include "figment/runs/sample_figures.h"

#include <fmt/format.h>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/hash.h"
#include "figment/data/catalog.h"
#include "figment/data/loader.h"
#include "figment/evaluation/feature_distances.h"
#include "figment/evaluation/inception.h"
#include "figment/evaluation/samples.h"
#include "figment/runs/pipeline.h"
#include "figment/runs/run_data.h"
#include "figment/runs/run_record.h"
#include "figment/tensor/tensors.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

constexpr const char* kJudge = "classifier";  // the model whose runs are looked for
constexpr size_t kShownHash = 8;

/// The run whose data are images: the run itself, or the parent that made codes of them.
LoadedRun& images_of(LoadedRun& run) { return code_maker(run.parents) ? run.parents.at(kCodesRole) : run; }

std::string data_hash(const RunFolder& run) {
  return spoken(find(parse_json(read_file(run.manifest()), run.manifest().string()), {"data", "hash"}));
}

struct Judge {
  std::shared_ptr<EmbedsImages> embeds;
  std::string name;  ///< stands beside each figure
  Evaluation::Parent parent;
};

std::string with_weights(const std::string& name, const std::string& hash) {
  return fmt::format("{}, weights {}", name, hash.substr(0, kShownHash));
}

Judge judge_at(const RunFolder& folder, const LoadedRun& images, std::string_view named) {
  const auto run = std::make_shared<LoadedRun>(load_run(folder, images.device));
  expect_judge(*run, images.spec, named);
  return {.embeds = {run, &dynamic_cast<EmbedsImages&>(*run->model)},
          .name = with_weights(run->recipe.model, run->weights),  // wherever it lies: the hash says which
          .parent = {folder.path().string(), run->weights}};
}

/// The file of weights or the run that `--features` names, or the one that is found; none where there is none.
std::optional<Judge> judge_for(LoadedRun& run, const EvaluateRequest& request) {
  const LoadedRun& images = images_of(run);
  if (!request.features) {
    const auto found = judge_of(run.folder);
    return found ? std::optional(judge_at(*found, images, "the judge")) : std::nullopt;
  }
  if (const fs::path file = *request.features; file.extension() == ".safetensors") {
    const auto inception = std::make_shared<Inception>(load_safetensors(file), *request.features, images.device);
    const std::string weights = hash_of_file(file);
    return Judge{.embeds = inception, .name = with_weights(inception->name(), weights), .parent = {file, weights}};
  }
  return judge_at(RunFolder::find(*request.features, run.folder.out()).trained(), images, "--features");
}

std::string without_judge(const LoadedRun& images, const fs::path& out) {
  std::string sentence = fmt::format(
      "frechet_distance and the like: need a classifier of the same images; `figment train {} --data {} "
      "--out {}` makes one",
      kJudge, images.recipe.data.source, out.string());
  if (pixels(images.spec).channels == 3)
    sentence += "; of colour images also `--features FILE`, the Inception network that tools/inception fetches once";
  return sentence;
}

}  // namespace

std::optional<RunFolder> judge_of(const RunFolder& run) {
  if (const RunFolder own(run.parent(kFeaturesRole)); own.begun()) return own;
  const RunFolder coder(run.parent(kCodesRole));
  const std::string wanted = data_hash(coder.begun() ? coder : run);  // the judge learned from images, not from codes
  std::vector<RunFolder> runs = RunFolder::list(run.out());
  for (auto other = runs.rbegin(); other != runs.rend(); ++other)
    if (other->finished() && other->state().model == kJudge && data_hash(*other) == wanted) return *other;
  return std::nullopt;
}

void expect_judge(const LoadedRun& judge, const DataSpec& images, std::string_view named) {
  const std::string name = judge.folder.path().string();
  if (!dynamic_cast<EmbedsImages*>(judge.model.get()))
    throw RunError(fmt::format("{}: '{}' is a {}, which has no features of images; name a classifier", named, name,
                               judge.recipe.model));
  const PixelSpec &own = pixels(judge.spec), &needed = pixels(images);
  if (own.channels != needed.channels || own.height != needed.height || own.width != needed.width)
    throw RunError(fmt::format("{}: '{}' is of images {} x {} x {}, these are {} x {} x {}", named, name, own.channels,
                               own.height, own.width, needed.channels, needed.height, needed.width));
}

std::optional<double> sample_distance(Samples& draws, const LoadedRun& judge, const Dataset& real) {
  auto& embeds = dynamic_cast<EmbedsImages&>(*judge.model);
  std::vector<Tensor> real_features, drawn_features;
  int64_t first = 0;
  first_batches(real, real.size(), judge.device)([&](const Batch& batch) {
    const auto features = [&](const Tensor& x) { return embeds.embed(x).to(torch::kFloat).cpu(); };
    real_features.push_back(features(batch.x));
    drawn_features.push_back(features(draws.sample(request_in_turn(draws, 0, first, batch.size(), judge.device))));
    first += batch.size();
  });
  if (first == 0 || first <= real_features.front().size(1)) return std::nullopt;
  return frechet_distance(torch::cat(real_features), torch::cat(drawn_features));
}

void add_sample_figures(LoadedRun& run, const EvaluateRequest& request, int64_t n, Evaluation& evaluation) {
  const auto draws = pipeline(*run.model, run.parents);
  LoadedRun& images = images_of(run);
  if (!draws || !std::holds_alternative<PixelSpec>(images.spec.x)) return;
  const auto judge = judge_for(run, request);
  if (!judge) {
    evaluation.left_out.push_back(without_judge(images, run.folder.out()));
    return;
  }
  evaluation.parents[kFeaturesRole] = judge->parent;
  const DataOptions& data = request.data ? *request.data : images.recipe.data;
  const auto real = open_dataset(data, request.split, &images.spec),
             train = open_dataset(images.recipe.data, Split::kTrain, &images.spec);
  int64_t judged = 0;
  const auto classes = draws->takes().label ? int64_t(draws->takes().label->names.size()) : 0;
  measure_samples({.draw =
                       [&](int64_t first, int64_t count) {
                         return draws->sample(request_in_turn(*draws, request.seed, first, count, run.device));
                       },
                   .classes = classes > 0 ? torch::arange(n) % classes : Tensor(),
                   .real = first_batches(*real, n, run.device),
                   .train = first_batches(*train, train->size(), run.device),
                   .judge = *judge->embeds,
                   .classifier = dynamic_cast<Classifies*>(judge->embeds.get()),
                   .judge_name = judge->name,
                   .split = std::string(kWords<Split>[size_t(request.split)]),
                   .n = n,
                   .seed = request.seed,
                   .judged =
                       [&](int64_t more) {
                         judged += more;
                         if (request.go_on && !request.go_on(double(judged) / double(3 * n + train->size())))
                           throw RunError("cancelled");
                       }},
                  evaluation);
}

}  // namespace figment
