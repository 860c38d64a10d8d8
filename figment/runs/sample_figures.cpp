#include "figment/runs/sample_figures.h"

#include <fmt/format.h>

#include <numeric>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/data/catalog.h"
#include "figment/data/loader.h"
#include "figment/evaluation/samples.h"
#include "figment/runs/pipeline.h"
#include "figment/runs/run_record.h"
#include "figment/tensor/tensors.h"

namespace figment {
namespace {

constexpr int64_t kBatch = 250;
constexpr const char* kJudge = "classifier";  // the model whose runs are looked for
constexpr size_t kShownHash = 8;

/// The run whose data are images: the run itself, or the parent that made codes of them.
LoadedRun& images_of(LoadedRun& run) { return code_maker(run.parents) ? run.parents.at(kCodesRole) : run; }

std::string data_hash(const RunFolder& run) {
  return spoken(find(parse_json(read_file(run.manifest()), run.manifest().string()), {"data", "hash"}));
}

/// The newest finished classifier that learned from the same images.
std::optional<LoadedRun> newest_judge(const LoadedRun& images, const std::filesystem::path& out) {
  const std::string wanted = data_hash(images.folder);
  std::vector<RunFolder> runs = RunFolder::list(out);
  for (auto run = runs.rbegin(); run != runs.rend(); ++run)
    if (run->finished() && run->state().model == kJudge && data_hash(*run) == wanted)
      return load_run(*run, images.device);
  return std::nullopt;
}

std::optional<LoadedRun> judge_of(const LoadedRun& images, const EvaluateRequest& request,
                                  const std::filesystem::path& out) {
  if (!request.features) return newest_judge(images, out);
  LoadedRun judge = load_run(RunFolder::find(*request.features, out).trained(), images.device);
  const std::string name = judge.folder.path().string();
  if (!dynamic_cast<EmbedsImages*>(judge.model.get()))
    throw RunError(fmt::format("--features: '{}' is a {}, which has no features of images; name a classifier", name,
                               judge.recipe.model));
  const PixelSpec &own = pixels(judge.spec), &needed = pixels(images.spec);
  if (own.channels != needed.channels || own.height != needed.height || own.width != needed.width)
    throw RunError(fmt::format("--features: '{}' is of images {} x {} x {}, these are {} x {} x {}", name, own.channels,
                               own.height, own.width, needed.channels, needed.height, needed.width));
  return judge;
}

}  // namespace

void add_sample_figures(LoadedRun& run, const EvaluateRequest& request, int64_t n, Evaluation& evaluation) {
  const auto draws = pipeline(*run.model, run.parents);
  LoadedRun& images = images_of(run);
  if (!draws || !std::holds_alternative<PixelSpec>(images.spec.x)) return;
  const std::filesystem::path out = run.folder.out();
  std::optional<LoadedRun> judge = judge_of(images, request, out);
  if (!judge) {
    evaluation.left_out.push_back(
        fmt::format("frechet_distance and the like: need a classifier of the same images; `figment train {} --data {} "
                    "--out {}` makes one",
                    kJudge, images.recipe.data.source, out.string()));
    return;
  }
  const DataOptions& data = request.data ? *request.data : images.recipe.data;
  const auto real = open_dataset(data, request.split, &images.spec),
             train = open_dataset(images.recipe.data, Split::kTrain, &images.spec);
  const auto batches_of = [&](const Dataset& of, int64_t most) {
    return [&of, most, &run](const std::function<void(const Batch&)>& f) {
      int64_t left = most;
      each_batch(of, kBatch, [&](const Batch& batch) {
        if (left > 0) f(to(rows(batch, 0, std::min(left, batch.size())), run.device));
        left -= batch.size();
      });
    };
  };
  const auto classes = draws->takes().label ? int64_t(draws->takes().label->names.size()) : 0;
  measure_samples({.draw =
                       [&](int64_t first, int64_t count) {
                         SampleRequest part{.seeds = std::vector<int64_t>(size_t(count))};
                         std::iota(part.seeds.begin(), part.seeds.end(), request.seed + first);
                         part.condition = map(classes_in_turn(*draws, first, count),
                                              [&](const Tensor& t) { return t.to(run.device); });
                         return draws->sample(part);
                       },
                   .classes = classes > 0 ? torch::arange(n) % classes : Tensor(),
                   .real = batches_of(*real, n),
                   .train = batches_of(*train, train->size()),
                   .judge = dynamic_cast<EmbedsImages&>(*judge->model),
                   .classifier = dynamic_cast<Classifies*>(judge->model.get()),
                   .judge_name = fmt::format("{}, weights {}", judge->folder.path().filename().string(),
                                             judge->weights.substr(0, kShownHash)),
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
