#include "figment/runs/pictures.h"

#include <fmt/format.h>

#include <numeric>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/checkpoint/safetensors.h"
#include "figment/runs/latent_walks.h"
#include "figment/tensor/tensors.h"

namespace figment {
namespace {
constexpr int64_t kSamples = 64, kPairs = 32, kColumns = 8, kPairColumns = 16, kRows = 6, kSteps = 12;
constexpr double kSpan = 3;  // standard deviations of the prior
}  // namespace

void save_examples(const RunFolder& folder, const Batch& batch) {
  TensorMap tensors{{"x", batch.x}};
  if (batch.condition.label.defined()) tensors["label"] = batch.condition.label;
  write_file(folder.examples(), to_safetensors(tensors));
}

Batch load_examples(const RunFolder& folder) {
  TensorMap tensors = load_safetensors(folder.examples()).tensors;
  if (!tensors.contains("x"))
    throw RunError(fmt::format("{}: holds no tensor 'x', the examples of the run; copy the file of the original run",
                               folder.examples().string()));
  Batch batch{.x = tensors["x"]};
  if (tensors.contains("label")) batch.condition.label = tensors["label"];
  return batch;
}

Tensor paired(const Tensor& x, const Tensor& y, int64_t columns) {
  std::vector<Tensor> rows;
  for (int64_t from = 0; from + columns <= x.size(0); from += columns) {
    rows.push_back(x.narrow(0, from, columns));
    rows.push_back(y.narrow(0, from, columns));
  }
  return rows.empty() ? torch::cat({x, y}) : torch::cat(rows);
}

std::vector<Picture> preview_pictures(Model& model, const Batch& examples, torch::Device device) {
  std::vector<Picture> pictures;
  if (auto* samples = dynamic_cast<Samples*>(&model)) {
    SampleRequest request{.seeds = std::vector<int64_t>(kSamples)};
    std::iota(request.seeds.begin(), request.seeds.end(), 0);
    if (const auto& label = samples->takes().label)
      request.condition.label = (torch::arange(kSamples) % int64_t(label->names.size())).to(device);
    const Tensor drawn = samples->sample(request);
    if (drawn.dim() == 4)  // codes are no picture
      pictures.push_back({"samples", "drawn from noise, always from the same seeds", image_grid(drawn, kColumns)});
  }
  const Batch here = to(examples, device);
  if (auto* reconstructs = dynamic_cast<Reconstructs*>(&model); reconstructs && here.x.dim() == 4) {
    const Tensor x = here.x.narrow(0, 0, std::min(kPairs, here.size()));
    const int64_t columns = std::min(kPairColumns, x.size(0));
    pictures.push_back({"reconstructions", "held-out images, each row above what the model makes of it",
                        image_grid(paired(x, reconstructs->reconstruct(x), columns), columns)});
  }
  if (auto* encodes = dynamic_cast<EncodesLatent*>(&model)) {
    const Tensor codes = encodes->encode(here.x);
    if (codes.size(0) >= 2 * kRows)
      pictures.push_back(
          {"interpolation", "from one held-out image to another, through the codes between theirs",
           image_grid(torch::cat(interpolation(*encodes, codes.narrow(0, 0, 2 * kRows), kSteps)), kSteps)});
    const std::vector<int64_t> dimensions = most_active(codes, kRows);
    pictures.push_back(
        {"traversal",
         fmt::format("one held-out image; each row changes one number of its code from -{} to {}: the {} "
                     "that vary most over images",
                     kSpan, kSpan, dimensions.size()),
         image_grid(torch::cat(traversal(*encodes, codes[0], dimensions, kSteps, kSpan)), kSteps)});
  }
  if (auto* shows = dynamic_cast<Shows*>(&model))
    for (const Exhibit& exhibit : shows->show(here))
      if (exhibit.images.defined())
        pictures.push_back({exhibit.name, exhibit.caption, image_grid(exhibit.images, kColumns)});
  return pictures;
}

}  // namespace figment
