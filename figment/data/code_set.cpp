#include "figment/data/code_set.h"

#include <fmt/format.h>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/hash.h"
#include "figment/base/text.h"
#include "figment/checkpoint/safetensors.h"
#include "figment/data/conform.h"
#include "figment/data/loader.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kBatch = 250;

/// Codes and labels in memory, [N,h,w] int32 and [N] int64: an epoch of codes is small.
class CodeSet final : public Dataset {
 public:
  CodeSet(DataSpec spec, Tensor codes, Tensor labels)
      : spec_(std::move(spec)), codes_(std::move(codes)), labels_(std::move(labels)) {}
  const DataSpec& spec() const override { return spec_; }
  int64_t size() const override { return codes_.size(0); }

  Batch read(std::span<const Draw> draws) const override {
    const Tensor rows = indices_of(draws, size());
    Batch batch{.x = codes_.index_select(0, rows).to(torch::kInt64)};
    if (labels_.defined()) batch.condition.label = labels_.index_select(0, rows);
    return batch;
  }

  std::string hash() const override {
    Hash hash;
    hash.add(to_json(spec_).dump()).add(codes_.const_data_ptr(), codes_.nbytes());
    if (labels_.defined()) hash.add(labels_.const_data_ptr(), labels_.nbytes());
    return hash.hex();
  }

 private:
  DataSpec spec_;
  Tensor codes_, labels_;
};

TensorMap encoded(const Dataset& images, EncodesDiscrete& encoder, torch::Device device) {
  const torch::NoGradGuard no_grad;
  std::vector<Tensor> codes, labels;
  each_batch(images, kBatch, [&](const Batch& batch) {
    codes.push_back(encoder.encode_codes(batch.x.to(device)).front().to(torch::kCPU, torch::kInt32));
    if (batch.condition.label.defined()) labels.push_back(batch.condition.label);
  });
  TensorMap tensors{{"codes", torch::cat(codes)}};
  if (!labels.empty()) tensors["labels"] = torch::cat(labels);
  return tensors;
}

/// Whether a file holds what `encoded` would give: it may come from anywhere.
bool fits(const TensorMap& tensors, const DataSpec& spec, int64_t size) {
  const auto& grid = std::get<CodeSpec>(spec.x);
  const auto codes = tensors.find("codes"), labels = tensors.find("labels");
  const auto within = [](const Tensor& t, int64_t end) {
    return t.numel() == 0 || (t.min().item<int64_t>() >= 0 && t.max().item<int64_t>() < end);
  };
  if (codes == tensors.end() || codes->second.scalar_type() != torch::kInt32 ||
      codes->second.sizes() != std::vector<int64_t>{size, grid.height, grid.width} ||
      !within(codes->second, grid.num_codes))
    return false;
  if (!spec.condition.label) return labels == tensors.end();
  return labels != tensors.end() && labels->second.scalar_type() == torch::kInt64 &&
         labels->second.sizes() == std::vector<int64_t>{size} &&
         within(labels->second, int64_t(spec.condition.label->names.size()));
}

}  // namespace

std::unique_ptr<Dataset> code_set(const Dataset& images, EncodesDiscrete& encoder, const std::string& weights,
                                  torch::Device device, const fs::path& cache) {
  const std::vector<CodeSpec> grids = encoder.grids();
  if (grids.size() != 1)
    throw DataError(
        fmt::format("codes: the parent makes {}, a prior learns one", counted(int64_t(grids.size()), "grid")));
  DataSpec spec{.x = grids.front(), .condition = images.spec().condition};
  if (images.size() == 0) {
    const auto& grid = grids.front();
    return std::make_unique<CodeSet>(spec, torch::empty({0, grid.height, grid.width}, torch::kInt32),
                                     spec.condition.label ? torch::empty({0}, torch::kInt64) : Tensor());
  }
  const fs::path file = cache / fmt::format("codes-{}.safetensors", hash_of(weights + images.hash()));
  TensorMap tensors;
  try {
    if (fs::exists(file)) tensors = load_safetensors(file).tensors;
  } catch (const Error&) {}  // damaged: made anew
  if (!fits(tensors, spec, images.size())) {
    tensors = encoded(images, encoder, device);
    try {
      fs::create_directories(cache);
      write_file(file, to_safetensors(tensors));
    } catch (const std::exception&) {}  // a cache that cannot be written costs time alone
  }
  return std::make_unique<CodeSet>(spec, tensors.at("codes"), spec.condition.label ? tensors.at("labels") : Tensor());
}

}  // namespace figment
