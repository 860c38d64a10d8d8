#include "figment/runs/opened_run.h"

#include <fmt/format.h>

#include <numeric>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/text.h"
#include "figment/contracts/capabilities.h"
#include "figment/data/loader.h"
#include "figment/evaluation/likelihood.h"
#include "figment/evaluation/metrics.h"
#include "figment/runs/instance.h"
#include "figment/runs/latent_walks.h"
#include "figment/runs/pictures.h"
#include "figment/runs/pipeline.h"
#include "figment/runs/report.h"
#include "figment/runs/run_data.h"
#include "figment/runs/run_record.h"
#include "figment/runs/sample_figures.h"
#include "figment/tensor/tensors.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kBatch = 250;

std::vector<Image> images_of(const Tensor& x) {
  std::vector<Image> images;
  for (int64_t i = 0; i < x.size(0); ++i) images.push_back(to_image(x[i]));
  return images;
}

std::vector<std::vector<Image>> images_of_walks(const Walks& walks) {
  std::vector<std::vector<Image>> grid;
  for (const Tensor& row : walks) grid.push_back(images_of(row));
  return grid;
}

void report_progress(const Progress& progress, double done) {
  if (progress && !progress(done)) throw RunError("cancelled");
}

class Opened final : public OpenedRun {
 public:
  Opened(const RunFolder& folder, const std::string& device) : run_(load_run(folder, device_of(device))) {}

  std::string model() const override { return run_.recipe.model; }
  fs::path path() const override { return run_.folder.path(); }
  std::string weights_hash() const override { return run_.weights; }

  std::vector<Image> sample(const DrawRequest& request) override {
    const torch::NoGradGuard no_grad;
    need<Samples>("draw samples");
    const auto drawn = pipeline(*run_.model, run_.parents);
    Samples& samples = *drawn;
    expect_heeded(samples, request.options, "sample");
    if (request.count < 1)
      throw ConfigError(fmt::format("sample: the count must be at least 1, got {}", request.count));
    std::vector<Tensor> all;
    for (int64_t first = 0; first < request.count; first += kBatch) {
      SampleRequest part{.seeds = std::vector<int64_t>(size_t(std::min(kBatch, request.count - first)))};
      std::iota(part.seeds.begin(), part.seeds.end(), request.seed + first);
      part.condition = to_device(condition_of(samples, request.label, first, int64_t(part.seeds.size()), "sample"));
      part.options = request.options;
      const double share = double(part.seeds.size()) / double(request.count),
                   before = double(first) / double(request.count);
      if (request.go_on) part.go_on = [&, share, before](double done) { return request.go_on(before + share * done); };
      const SeededScope seeded{uint64_t(request.seed)};
      all.push_back(samples.sample(part).cpu());
      report_progress(request.go_on, before + share);
    }
    return pictures_of(torch::cat(all));
  }

  std::vector<std::vector<Image>> complete(const CompleteRequest& request) override {
    const torch::NoGradGuard no_grad;
    need<Completes>("complete images");
    const auto drawn = pipeline(*run_.model, run_.parents);
    auto& completes = dynamic_cast<Completes&>(*drawn);
    expect_heeded(completes, request.options, "complete");
    if (request.draws < 1 || request.keep < 0 || request.keep > 1)
      throw ConfigError(fmt::format("complete: draws must be at least 1 and keep lie in [0,1], got {} and {}",
                                    request.draws, request.keep));
    EncodesDiscrete* coder = code_maker(run_.parents);
    Batch given = examples(request.count);
    Tensor before = coder ? coder->decode_codes({given.x}) : given.x;  // of codes nothing else is kept in the run
    if (!request.images.empty()) {
      before = tensor_of(request.images);
      given = {.x = coder ? coder->encode_codes(before)[0] : before};
    }
    const int64_t height = given.x.size(-2), kept = int64_t(request.keep * double(height));
    const Tensor blank = upper_rows(before, kept, height);
    const auto images = double(given.x.size(0));
    std::vector<std::vector<Image>> all;
    for (int64_t i = 0; i < given.x.size(0); ++i) {
      SampleRequest part{.seeds = std::vector<int64_t>(size_t(request.draws)), .options = request.options};
      if (request.go_on) part.go_on = [&, i](double done) { return request.go_on((double(i) + done) / images); };
      std::iota(part.seeds.begin(), part.seeds.end(), request.seed + i * request.draws);
      part.condition = to_device(condition_of(completes, request.label, 0, request.draws, "complete"));
      if (part.condition.label.defined() && !request.label && given.condition.label.defined())
        part.condition.label = given.condition.label.narrow(0, i, 1).repeat({request.draws});
      const SeededScope seeded{uint64_t(request.seed)};
      const Tensor x = given.x.narrow(0, i, 1).repeat_interleave(request.draws, 0);
      std::vector<Image> row = images_of(torch::stack({before[i], blank[i]}));
      for (Image& image : images_of(completes.complete(part, x, kept))) row.push_back(std::move(image));
      all.push_back(std::move(row));
      report_progress(request.go_on, double(i + 1) / images);
    }
    return all;
  }

  std::vector<std::pair<Image, Image>> reconstruct(const std::vector<Image>& given, int64_t count) override {
    const torch::NoGradGuard no_grad;
    auto& reconstructs = need<Reconstructs>("reconstruct images");
    const Tensor x = given.empty() ? examples(count).x : tensor_of(given);
    const std::vector<Image> before = images_of(x), after = images_of(reconstructs.reconstruct(x));
    std::vector<std::pair<Image, Image>> pairs;
    for (size_t i = 0; i < before.size(); ++i) pairs.emplace_back(before[i], after[i]);
    return pairs;
  }

  std::vector<std::vector<Image>> interpolate(int64_t rows, int64_t steps, int64_t seed) override {
    const torch::NoGradGuard no_grad;
    auto& decodes = need<DecodesLatent>("decode a code");
    return images_of_walks(interpolation(decodes, codes(decodes, 2 * rows, seed), steps));
  }

  std::vector<std::vector<Image>> traverse(int64_t dimension, int64_t rows, int64_t steps, double span,
                                           int64_t seed) override {
    const torch::NoGradGuard no_grad;
    auto& decodes = need<DecodesLatent>("decode a code");
    if (dimension >= decodes.latent_size())
      throw ConfigError(fmt::format("traverse: the code has {} (0 to {}), got {}",
                                    counted(decodes.latent_size(), "number"), decodes.latent_size() - 1, dimension));
    const Tensor start = codes(decodes, 1, seed)[0];
    std::vector<int64_t> dimensions{dimension};
    if (dimension < 0) dimensions = first_dimensions(decodes, rows);
    return images_of_walks(traversal(decodes, start, dimensions, steps, span));
  }

  Codes encode(const std::optional<DataOptions>& options, Split split, const Progress& go_on) override {
    const torch::NoGradGuard no_grad;
    auto& encodes = need<EncodesLatent>("encode images to a vector");
    const auto data = open_data(options, split);
    Codes codes{.columns = encodes.latent_size()};
    each_batch(*data, kBatch, [&](const Batch& batch) {
      const Tensor z = encodes.encode(to(batch, run_.device).x).to(torch::kFloat).cpu().contiguous();
      codes.values.insert(codes.values.end(), z.data_ptr<float>(), z.data_ptr<float>() + z.numel());
      for (int64_t i = 0; batch.condition.label.defined() && i < batch.size(); ++i)
        codes.labels.push_back(batch.condition.label[i].item<int64_t>());
      codes.rows += batch.size();
      report_progress(go_on, double(codes.rows) / double(data->size()));
    });
    if (data->spec().condition.label) codes.label_names = data->spec().condition.label->names;
    return codes;
  }

  Evaluation evaluate(const EvaluateRequest& request) override {
    const torch::NoGradGuard no_grad;
    const auto data = open_data(request.data, request.split);
    expect_labels(*data, request.data.value_or(run_.recipe.data));
    const int64_t n = request.count > 0 ? std::min(request.count, data->size()) : data->size();
    if (n == 0)
      throw DataError(fmt::format("evaluate: the {} split of '{}' is empty", kWords<Split>[size_t(request.split)],
                                  request.data.value_or(run_.recipe.data).source));
    Evaluation evaluation = measure(subject_of(*data, request, n));
    if (code_maker(run_.parents)) {
      LoadedRun& parent = run_.parents.at(kCodesRole);
      const auto images = open_dataset(request.data.value_or(run_.recipe.data), request.split, &parent.spec);
      measure_whole_bits(subject_of(*images, request, n), *parent.model, evaluation);
    }
    add_sample_figures(run_, request, n, evaluation);
    if (!request.data && request.split == Split::kTest) keep(evaluation, n, request.seed);
    return evaluation;
  }

 private:
  /// The first `n` examples of `data`, as metrics see them.
  Subject subject_of(const Dataset& data, const EvaluateRequest& request, int64_t n) {
    return {.model = *run_.model,
            .each_batch = first_batches(data, n, run_.device),
            .split = std::string(kWords<Split>[size_t(request.split)]),
            .n = n,
            .seed = request.seed,
            .importance_samples = request.importance_samples,
            .progress = [&request](double done) { report_progress(request.go_on, done); }};
  }

  std::unique_ptr<Dataset> open_data(const std::optional<DataOptions>& options, Split split) const {
    return open_run_data(options.value_or(run_.recipe.data), split, run_.parents, run_.folder.out(), &run_.spec);
  }

  /// The run's own figures, which its report shows until training goes on. A look at a few images does not replace
  /// those of all; one at as many with the same seed adds to them. Where the run cannot be written the figures still
  /// count.
  void keep(Evaluation& evaluation, int64_t n, int64_t of_seed) {
    const RunRecord record = read_record(run_.folder.path());
    Json kept = {{"run", run_.folder.path().string()}, {"model", run_.recipe.model}};
    kept.update(to_json(evaluation));
    for (const auto& [name, metric] : find(record.evaluation, {"metrics"}).items()) {
      const Json &count = find(metric, {"n"}), &seed = find(metric, {"seed"});
      if (count.is_number_integer() && count > n) return;
      if (count == n && seed == of_seed && !kept["metrics"].contains(name)) kept["metrics"][name] = metric;
    }
    if (evaluation.pictures.empty() && kept["metrics"].contains("frechet_distance"))  // they belong to figures kept
      for (const char* part : {"histograms", "pictures", "parents"}) kept[part] = find(record.evaluation, {part});
    try {
      for (const Picture& picture : evaluation.pictures) {
        const fs::path file = RunFolder::picture(picture.name, run_.folder.state().images);
        fs::create_directories((run_.folder.path() / file).parent_path());
        write_file(run_.folder.path() / file, encode_png(picture.image));
        kept["pictures"][picture.name] = {{"file", file.string()}, {"caption", picture.caption}};
      }
      write_file(run_.folder.evaluation(), kept.dump(2) + "\n");
      write_report(run_.folder.path());
    } catch (const FileError& error) {
      evaluation.warnings.push_back(fmt::format("the figures are not kept in the run: {}", error.what()));
    }
  }

  template <class Capability>
  Capability& need(std::string_view what) {
    if (auto* able = dynamic_cast<Capability*>(run_.model.get())) return *able;
    throw RunError(fmt::format("{} is a {} and cannot {}", run_.folder.path().string(), run_.recipe.model, what));
  }

  /// A model that is given the class of each image cannot be measured on images without.
  void expect_labels(const Dataset& data, const DataOptions& options) const {
    const auto* samples = dynamic_cast<const Samples*>(run_.model.get());
    if (samples && samples->takes().label && !data.spec().condition.label)
      throw DataError(
          fmt::format("{}: {} takes a class with each image, these have none; sort them into sub-folders "
                      "named {}",
                      options.source, run_.recipe.model, listed(run_.spec.condition.label->names)));
  }

  /// An image each; of points one, with all of them over examples of the data.
  std::vector<Image> pictures_of(const Tensor& drawn) const {
    if (drawn.dim() != 2) return images_of(drawn);
    return {to_image(scatter(drawn, load_examples(run_.folder).x))};
  }

  Batch examples(int64_t count) const {
    const Batch all = load_examples(run_.folder);
    return to(rows(all, 0, std::min(std::max<int64_t>(count, 1), all.size())), run_.device);
  }

  Condition to_device(const Condition& c) const {
    return map(c, [&](const Tensor& t) { return t.to(run_.device); });
  }

  /// An option that this model does not use must stay at its default: silence would be a lie.
  void expect_heeded(const Samples& samples, const SampleOptions& options, std::string_view verb) const {
    const SampleOptions defaults;
    const auto heeded = samples.heeds();
    for (const Field& field : kFields<SampleOptions>)
      if (field.get(&options) != field.get(&defaults) &&
          std::find(heeded.begin(), heeded.end(), field.name) == heeded.end())
        throw ConfigError(fmt::format("{}: {} does not use {}; it heeds {}", verb, run_.recipe.model, field.name,
                                      heeded.empty() ? "no option" : listed({heeded.begin(), heeded.end()})));
  }

  Condition condition_of(const Samples& samples, const std::optional<std::string>& label, int64_t first, int64_t count,
                         std::string_view verb) const {
    const ConditionSpec takes = samples.takes();
    if (!takes.label) {
      if (label) throw ConfigError(fmt::format("{}: {} takes no class", verb, run_.recipe.model));
      return {};
    }
    const std::vector<std::string>& names = takes.label->names;
    const auto classes = int64_t(names.size());
    if (!label) return classes_in_turn(samples, first, count);
    auto found = std::find(names.begin(), names.end(), *label) - names.begin();
    if (found == classes && !label->empty() && label->size() < 10 &&
        std::all_of(label->begin(), label->end(), ::isdigit))
      found = std::stoll(*label);
    if (found >= classes)
      throw ConfigError(
          fmt::format("there is no class '{}'{}", *label, did_you_mean(*label, names, "known are " + listed(names))));
    return {.label = torch::full({count}, int64_t(found), torch::kInt64)};
  }

  Tensor tensor_of(const std::vector<Image>& images) const {
    const bool of_codes = code_maker(run_.parents) != nullptr;
    const PixelSpec& spec = pixels(of_codes ? run_.parents.at(kCodesRole).spec : run_.spec);
    std::vector<Tensor> all;
    for (const Image& image : images)
      all.push_back(to_tensor(resized_to_cover(with_channels(image, spec.channels), spec.width, spec.height)));
    return torch::stack(all).to(run_.device);
  }

  /// Codes of held-out examples where the model encodes, else random ones. [count, Z]
  Tensor codes(DecodesLatent& decodes, int64_t count, int64_t seed) {
    auto* encodes = dynamic_cast<EncodesLatent*>(&decodes);
    std::vector<int64_t> seeds(static_cast<size_t>(count));
    std::iota(seeds.begin(), seeds.end(), seed);
    if (!encodes) return seeded_normal(seeds, decodes.latent_size(), "z").to(run_.device);
    const Tensor x = examples(1 << 20).x;
    const Tensor order =
        torch::randperm(x.size(0), at::detail::createCPUGenerator(uint64_t(seed)), torch::kInt64).to(run_.device);
    return encodes->encode(x.index_select(0, order.narrow(0, 0, std::min(count, x.size(0)))));
  }

  /// The most active ones where the model encodes.
  std::vector<int64_t> first_dimensions(DecodesLatent& decodes, int64_t count) {
    if (auto* encodes = dynamic_cast<EncodesLatent*>(&decodes))
      return most_active(encodes->encode(examples(1 << 20).x), count);
    std::vector<int64_t> first(static_cast<size_t>(std::min(count, decodes.latent_size())));
    std::iota(first.begin(), first.end(), 0);
    return first;
  }

  LoadedRun run_;
};

}  // namespace

std::unique_ptr<OpenedRun> open_run(const RunFolder& folder, const std::string& device) {
  return std::make_unique<Opened>(folder, device);
}

}  // namespace figment
