#include "figment/runs/feature_extractor.h"

#include <fmt/format.h>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/hash.h"
#include "figment/base/text.h"
#include "figment/data/loader.h"
#include "figment/evaluation/feature_distances.h"
#include "figment/evaluation/inception.h"
#include "figment/records/run_record.h"
#include "figment/runs/parents.h"
#include "figment/runs/pipeline.h"
#include "figment/runs/run_data.h"
#include "figment/tensor/world.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

constexpr const char* kClassifier = "classifier";  // the model whose runs are looked for
constexpr const char* kPooled = "pooled";          // its network where it is the second extractor
constexpr const char* kSecondRecipe = "classifier/second";

bool is_second(const std::string& role) { return role == kSecondFeaturesRole; }

bool is_pooled(const RunFolder& classifier) {
  return part_of(Table::load(classifier.recipe()), "model").spoken("network") == kPooled;
}

/// Whether the run is a finished classifier of the images with this hash. A neighbour that cannot be read is none.
bool is_classifier(const RunFolder& run, const std::string& hash, bool pooled) {
  try {
    const RunState state = run.state();
    return state.state == "finished" && state.model == kClassifier && stated_of_data(run, "hash") == hash &&
           is_pooled(run) == pooled;
  } catch (const Error&) { return false; }
}

std::string with_weights(const std::string& name, const std::string& hash) {
  return fmt::format("{}, weights {}", name, short_hash(hash));
}

FeatureExtractor of_run(const RunFolder& folder, const LoadedRun& images, std::string_view named) {
  const auto run = std::make_shared<LoadedRun>(load_run(folder, images.device));
  expect_extracts(*run, images.spec, named);
  return {.network = {run, &dynamic_cast<EmbedsImages&>(*run->model)},
          .name = with_weights(run->recipe.model, run->weights),  // wherever it lies: the hash says which
          .parent = {folder.path().string(), run->weights}};
}

FeatureExtractor of_file(const fs::path& file, torch::Device device) {
  const auto inception = std::make_shared<Inception>(load_safetensors(file), file.string(), device);
  const std::string weights = hash_of_file(file);
  return {.network = inception, .name = with_weights(inception->name(), weights), .parent = {file, weights}};
}

}  // namespace

const LoadedRun& run_of_images(const LoadedRun& run) {
  return code_maker(run.parents) ? run.parents.at(kCodesRole) : run;
}

void expect_extracts(const LoadedRun& extractor, const DataSpec& images, std::string_view named) {
  const std::string name = extractor.folder.path().string();
  if (!dynamic_cast<EmbedsImages*>(extractor.model.get()))
    throw RunError(fmt::format("{}: '{}' is a {}, which {}", named, name, extractor.recipe.model, kNoFeatures));
  const PixelSpec &own = pixels(extractor.spec), &needed = pixels(images);
  if (own.channels != needed.channels || own.height != needed.height || own.width != needed.width)
    throw RunError(fmt::format("{}: '{}' is of images {} x {} x {}, these are {} x {} x {}", named, name, own.width,
                               own.height, own.channels, needed.width, needed.height, needed.channels));
}

std::string hash_of_images(const RunFolder& run) {
  const RunFolder coder(run.parent(kCodesRole));
  return stated_of_data(coder.begun() ? coder : run, "hash");
}

std::optional<RunFolder> feature_extractor_of(const RunFolder& run, const char* role) {
  if (const RunFolder own(run.parent(role)); own.begun()) return own;
  const std::string wanted = hash_of_images(run);
  std::vector<RunFolder> runs = RunFolder::list(run.out());
  for (auto other = runs.rbegin(); other != runs.rend(); ++other)
    if (is_classifier(*other, wanted, is_second(role))) return *other;
  return std::nullopt;
}

std::optional<FeatureExtractor> load_feature_extractor(const LoadedRun& run, const char* role,
                                                       const std::optional<std::string>& named,
                                                       std::vector<std::string>& notes) {
  const LoadedRun& images = run_of_images(run);
  if (!named) {
    const auto found = feature_extractor_of(run.folder, role);
    if (!found) return std::nullopt;
    try {
      return of_run(*found, images, "the classifier that was found");
    } catch (const Error& error) {
      if (found->path() == run.folder.parent(role)) throw;  // the run's own must be sound; a neighbour need not be
      notes.push_back(fmt::format("'{}' cannot be used: {}", found->path().string(), error.what()));
      return std::nullopt;
    }
  }
  if (const fs::path file = *named; file.extension() == ".safetensors") return of_file(file, images.device);
  return of_run(RunFolder::find(*named, run.folder.out()).trained(), images, is_second(role) ? role : "--features");
}

std::string without_feature_extractor(const LoadedRun& run, const char* role) {
  const LoadedRun& images = run_of_images(run);
  const std::string needs =
      is_second(role) ? "frechet_distance_second needs a second classifier of the same images, which chose no "
                        "checkpoint"
                      : "Fréchet distance and the other sample metrics need a classifier of the same images";
  std::string settings;  // what makes the classifier's images these
  const DataOptions defaults;
  Table data;
  write(data, "", images.recipe.data);
  for (const char* name : {"size", "crop", "channels", "validation", "range", "repeat_links"})
    for (const Field& row : kFields<DataOptions>)
      if (row.name == name && row.get(&images.recipe.data) != row.get(&defaults))
        settings += " --set " + shell_quoted(fmt::format("data.{}={}", name, data.spoken(name)));
  const PairOptions& pairs = images.recipe.data.pairs;
  for (const Field& row : kFields<PairOptions>)
    if (row.get(&pairs) != row.get(&defaults.pairs))
      settings +=
          " --set " + shell_quoted(fmt::format("data.pairs.{0}={1}", row.name, data.child("pairs").spoken(row.name)));
  const bool second = is_second(role);
  if (!images.spec.condition.label())
    return needs + ", and these have no classes" +
           (second ? ""
                   : "; name one with --features RUN, or of colour images --features FILE, the Inception network "
                     "that tools/inception fetches once");
  std::string sentence =
      fmt::format("{}; `figment train {} --data {}{} --out {}` makes one", needs, second ? kSecondRecipe : kClassifier,
                  shell_quoted(images.recipe.data.source), settings, shell_quoted(run.folder.out().string()));
  if (!second && pixels(images.spec).channels == 3)
    sentence += "; of colour images also `--features FILE`, the Inception network that tools/inception fetches once";
  return sentence;
}

std::optional<double> sample_distance(Samples& draws, const LoadedRun& extractor, const Dataset& real) {
  if (real.size() == 0) return std::nullopt;
  auto& embeds = dynamic_cast<EmbedsImages&>(*extractor.model);
  const auto features = [&](const Tensor& x) { return embeds.embed(x).to(torch::kFloat).cpu(); };
  const ConditionSpec takes = draws.takes();
  const int64_t width = features(to(first_examples(real, 1), extractor.device).x).size(1);
  if (real.size() <= width) return std::nullopt;
  const Tensor of_real = torch::zeros({real.size(), width}), of_drawn = torch::zeros_like(of_real);
  do_own_part([&] {
    each_own_batch(real, kEvaluationBatch, [&](int64_t first, const Batch& read) {
      const Batch batch = to(read, extractor.device);
      of_real.narrow(0, first, batch.size()).copy_(features(batch.x));
      const Condition given = chosen(batch.condition, takes);  // each class has the share that it has among the real
      const Tensor drawn = draws.sample(request_for(given, 0, first, batch.size(), extractor.device));
      of_drawn.narrow(0, first, batch.size()).copy_(features(drawn));
    });
  });
  world().sum({of_real, of_drawn});  // nothing is added to a row but zeros
  return frechet_distance(of_real, of_drawn);
}

}  // namespace figment
