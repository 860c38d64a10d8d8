#include "figment/runs/sample_figures.h"

#include <fmt/format.h>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/data/catalog.h"
#include "figment/data/loader.h"
#include "figment/evaluation/feature_distances.h"
#include "figment/evaluation/samples.h"
#include "figment/runs/pipeline.h"
#include "figment/runs/run_data.h"
#include "figment/runs/run_record.h"
#include "figment/tensor/tensors.h"

namespace figment {
namespace {

constexpr const char* kJudge = "classifier";  // the model whose runs are looked for
constexpr size_t kShownHash = 8;

/// The run whose data are images: the run itself, or the parent that made codes of them.
LoadedRun& images_of(LoadedRun& run) { return code_maker(run.parents) ? run.parents.at(kCodesRole) : run; }

std::string data_hash(const RunFolder& run) {
  return spoken(find(parse_json(read_file(run.manifest()), run.manifest().string()), {"data", "hash"}));
}

}  // namespace

std::optional<RunFolder> judge_of(LoadedRun& run) {
  if (const auto own = run.parents.find(kFeaturesRole); own != run.parents.end()) return own->second.folder;
  const std::string wanted = data_hash(images_of(run).folder);
  std::vector<RunFolder> runs = RunFolder::list(run.folder.out());
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
  const std::filesystem::path out = run.folder.out();
  const auto found = request.features ? RunFolder::find(*request.features, out).trained() : judge_of(run);
  if (!found) {
    evaluation.left_out.push_back(
        fmt::format("frechet_distance and the like: need a classifier of the same images; `figment train {} --data {} "
                    "--out {}` makes one",
                    kJudge, images.recipe.data.source, out.string()));
    return;
  }
  const LoadedRun judge = load_run(*found, images.device);
  expect_judge(judge, images.spec, request.features ? "--features" : "the judge");
  const DataOptions& data = request.data ? *request.data : images.recipe.data;
  const auto real = open_dataset(data, request.split, &images.spec),
             train = open_dataset(images.recipe.data, Split::kTrain, &images.spec);
  const auto classes = draws->takes().label ? int64_t(draws->takes().label->names.size()) : 0;
  measure_samples({.draw =
                       [&](int64_t first, int64_t count) {
                         return draws->sample(request_in_turn(*draws, request.seed, first, count, run.device));
                       },
                   .classes = classes > 0 ? torch::arange(n) % classes : Tensor(),
                   .real = first_batches(*real, n, run.device),
                   .train = first_batches(*train, train->size(), run.device),
                   .judge = dynamic_cast<EmbedsImages&>(*judge.model),
                   .classifier = dynamic_cast<Classifies*>(judge.model.get()),
                   .judge_name = fmt::format("{}, weights {}", judge.folder.path().filename().string(),
                                             judge.weights.substr(0, kShownHash)),
                   .split = std::string(kWords<Split>[size_t(request.split)]),
                   .n = n,
                   .seed = request.seed,
                   .progress =
                       [&](double done) {
                         if (request.go_on && !request.go_on(done)) throw RunError("cancelled");
                       }},
                  evaluation);
}

}  // namespace figment
