#include "figment/data/code_set.h"

#include <fmt/format.h>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/hash.h"
#include "figment/base/text.h"
#include "figment/data/column_set.h"
#include "figment/data/loader.h"
#include "figment/data/stored_batch.h"
#include "figment/tensor/world.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

/// Codes of 32 bits: half the memory of what a batch has.
void narrow(Batch& batch) {
  batch.x = batch.x.to(torch::kInt32);
  for (Tensor& codes : batch.condition.codes) codes = codes.to(torch::kInt32);
}

/// x is the finest grid, the others are condition.codes.
Batch encoded(const Dataset& images, EncodesDiscrete& encoder, torch::Device device, const Progress& go_on) {
  const torch::NoGradGuard no_grad;
  std::vector<Batch> parts;
  int64_t done = 0;
  each_batch(images, kEvaluationBatch, [&](const Batch& batch) {
    std::vector<Tensor> codes;
    for (const Tensor& grid : encoder.encode_codes(batch.x.to(device))) codes.push_back(grid.cpu());
    Batch part{.x = codes.back(), .condition = batch.condition};
    codes.pop_back();
    part.condition.codes = std::move(codes);
    narrow(part);
    parts.push_back(std::move(part));
    report_progress(go_on, double(done += batch.size()) / double(images.size()));
  });
  return concatenated(parts);
}

/// What the cache holds, where it is what `encoded` would give: the file may come from anywhere.
std::optional<Batch> cached(const fs::path& file, const DataSpec& spec, int64_t size, std::vector<std::string>* notes) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return std::nullopt;
  try {
    Batch batch = from_file(load_safetensors(file), spec, file.string());
    if (batch.size() != size)
      throw DataError(fmt::format("{}: must hold the codes of {}, got those of {}", file.string(),
                                  counted(size, "image"), with_commas(batch.size())));
    narrow(batch);
    return batch;
  } catch (const Error& error) {
    if (notes) notes->push_back(fmt::format("the stored codes cannot be used and are made anew ({})", error.what()));
    return std::nullopt;
  }
}

Batch without_examples(const Dataset& images, const std::vector<CodeSpec>& grids) {
  Batch none{.condition = images.read({}).condition};
  for (const CodeSpec& grid : grids)
    none.condition.codes.push_back(torch::empty({0, grid.height, grid.width}, torch::kInt32));
  none.x = none.condition.codes.back();
  none.condition.codes.pop_back();
  return none;
}

/// All grids of all images, from the cache or made now.
Batch all_codes(const Dataset& images, EncodesDiscrete& encoder, const std::string& weights, torch::Device device,
                const fs::path& cache, std::vector<std::string>* notes, const Progress& go_on) {
  const std::vector<CodeSpec> grids = encoder.grids();
  if (images.size() == 0) return without_examples(images, grids);
  DataSpec spec{.x = grids.back(), .condition = images.spec().condition};
  spec.condition.codes.assign(grids.begin(), grids.end() - 1);
  const std::string key = hash_of(weights + images.hash() + images.augmentation());
  const fs::path file = cache / fmt::format("codes-{}.safetensors", key);
  if (auto kept = cached(file, spec, images.size(), notes)) return std::move(*kept);
  Batch made = encoded(images, encoder, device, go_on);
  if (!leads()) return made;  // of the processes that train one model one writes
  try {
    fs::create_directories(cache);
    write_file(file, to_file(made));
  } catch (const std::exception&) {}  // a cache that cannot be written costs time alone
  return made;
}

}  // namespace

DataSpec code_spec(const DataSpec& images, const EncodesDiscrete& encoder, int64_t grid) {
  const std::vector<CodeSpec> grids = encoder.grids();
  if (grid < 0 || grid >= int64_t(grids.size()))
    throw ConfigError(fmt::format("data.grid must be in [0, {}), because the parent `codes` makes {}, got {}",
                                  grids.size(), counted(int64_t(grids.size()), "grid"), grid));
  DataSpec spec{.x = grids[size_t(grid)], .condition = images.condition};
  spec.condition.codes.assign(grids.begin(), grids.begin() + grid);
  return spec;
}

std::unique_ptr<Dataset> code_set(const Dataset& images, EncodesDiscrete& encoder, const std::string& weights,
                                  torch::Device device, const fs::path& cache, int64_t grid,
                                  std::vector<std::string>* notes, const Progress& go_on) {
  const DataSpec spec = code_spec(images.spec(), encoder, grid);
  Batch all = all_codes(images, encoder, weights, device, cache, notes, go_on);
  const int64_t size = all.size();
  std::vector<Tensor> codes = std::move(all.condition.codes);
  codes.push_back(all.x);
  all.x = codes[size_t(grid)];
  all.condition.codes.assign(codes.begin(), codes.begin() + grid);
  const std::vector<std::shared_ptr<const Column>> columns = {std::make_shared<RowsColumn>(std::move(all))};
  return std::make_unique<ColumnSet>(spec, columns, all_rows(size));
}

}  // namespace figment
