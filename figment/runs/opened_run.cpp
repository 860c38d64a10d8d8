// Tested by tests/program_run_test.cpp.
#include "figment/runs/opened_run.h"

#include <fmt/format.h>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/text.h"
#include "figment/contracts/capabilities.h"
#include "figment/data/conform.h"
#include "figment/data/loader.h"
#include "figment/runs/drawing.h"
#include "figment/runs/evaluate_run.h"
#include "figment/runs/feature_extractor.h"
#include "figment/runs/instance.h"
#include "figment/runs/latent_walks.h"
#include "figment/runs/parents.h"
#include "figment/runs/run_data.h"
#include "figment/runs/run_images.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

template <class T>
void append(std::vector<T>& all, const Tensor& more) {
  const Tensor here = more.cpu().contiguous();
  all.insert(all.end(), here.data_ptr<T>(), here.data_ptr<T>() + here.numel());
}

/// [N, codes of all grids].
Tensor flat(std::vector<Tensor> grids) {
  for (Tensor& grid : grids) grid = grid.flatten(1);
  return torch::cat(grids, 1);
}

class Opened final : public OpenedRun {
 public:
  Opened(const RunFolder& folder, const std::string& device, const std::string& checkpoint)
      : run_(load_run(folder, use_device(device), checkpoint)) {}

  std::string model() const override { return run_.recipe.model; }
  fs::path path() const override { return run_.folder.path(); }
  std::string weights_hash() const override { return run_.weights; }
  bool draws() const override { return dynamic_cast<const Samples*>(run_.model.get()) != nullptr; }

  std::optional<std::pair<int64_t, int64_t>> picture_sides() const override {
    const auto* picture = std::get_if<PixelSpec>(&run_of_images(run_).spec.x);
    return picture ? std::optional(std::pair(picture->width, picture->height)) : std::nullopt;
  }

  Image read_picture(const fs::path& file) override {
    return decode_image(read_file(file), file.string(), {.range = value_range(run_of_images(run_).recipe.data)});
  }

  std::vector<Image> sample(const DrawRequest& request) override {
    const torch::NoGradGuard no_grad;
    return draw_images(run_, request);
  }

  std::vector<std::string> classes(const DrawRequest& request) override { return classes_of(run_, request); }

  std::vector<std::vector<Image>> complete(const CompleteRequest& request) override {
    const torch::NoGradGuard no_grad;
    return complete_images(run_, request);
  }

  std::vector<std::pair<Image, Image>> reconstruct(const std::vector<Image>& given, int64_t count) override {
    const torch::NoGradGuard no_grad;
    auto& reconstructs = need<Reconstructs>(run_, "reconstruct images");
    const Tensor x = given.empty() ? examples_of(run_, count).x : tensor_of(run_, given);
    const std::vector<Image> before = images_of(x), after = images_of(reconstructs.reconstruct(x));
    std::vector<std::pair<Image, Image>> pairs;
    for (size_t i = 0; i < before.size(); ++i) pairs.emplace_back(before[i], after[i]);
    return pairs;
  }

  std::vector<std::vector<Image>> interpolate(const InterpolateRequest& request) override {
    const torch::NoGradGuard no_grad;
    return figment::interpolate(run_, request);
  }

  std::vector<std::vector<Image>> traverse(const TraverseRequest& request) override {
    const torch::NoGradGuard no_grad;
    return figment::traverse(run_, request);
  }

  Codes encode(const std::optional<std::string>& source, Split split, const Progress& go_on) override {
    const torch::NoGradGuard no_grad;
    auto* discrete = dynamic_cast<EncodesDiscrete*>(run_.model.get());
    auto* latent = discrete ? nullptr : &need<EncodesLatent>(run_, "encode images");
    Codes codes{.columns = latent ? latent->latent_size() : 0};
    const auto data = open_run_data(run_, with_source(run_.recipe.data, source), split, codes.notes,
                                    part_of_progress(go_on, 0, kOfLoading));
    const std::string stated = source || code_maker(run_.parents) ? "" : stated_hash(run_.folder, split);
    if (!stated.empty() && data->hash() != stated)
      codes.notes.push_back(fmt::format("'{}', {} split: these are not the images that the run began with",
                                        run_.recipe.data.source, kWords<Split>[size_t(split)]));
    const Progress encoded = part_of_progress(go_on, kOfLoading, 1);
    for (const CodeSpec& grid : discrete ? discrete->grids() : std::vector<CodeSpec>()) {
      codes.grids.emplace_back(grid.width, grid.height);
      codes.columns += grid.width * grid.height;
    }
    each_batch(*data, kEvaluationBatch, [&](const Batch& batch) {
      const Tensor x = to(batch, run_.device).x;
      if (latent)
        append(codes.values, latent->encode(x).to(torch::kFloat));
      else
        append(codes.numbers, flat(discrete->encode_codes(x)));
      for (int64_t i = 0; i < batch.size(); ++i)
        if (std::string name = data->name(codes.rows + i); !name.empty()) codes.names.push_back(std::move(name));
      for (int64_t i = 0; batch.condition.label().defined() && i < batch.size(); ++i)
        codes.labels.push_back(batch.condition.label()[i].item<int64_t>());
      codes.rows += batch.size();
      report_progress(encoded, double(codes.rows) / double(data->size()));
    });
    if (data->spec().condition.label()) codes.label_names = data->spec().condition.label()->names;
    return codes;
  }

  Evaluation evaluate(const EvaluateRequest& request) override { return evaluate_run(run_, request); }

 private:
  LoadedRun run_;
};

}  // namespace

std::unique_ptr<OpenedRun> open_run(const RunFolder& folder, const std::string& device, const std::string& checkpoint) {
  return std::make_unique<Opened>(folder, device, checkpoint);
}

}  // namespace figment
