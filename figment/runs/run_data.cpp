#include "figment/runs/run_data.h"

#include "figment/data/code_set.h"
#include "figment/data/loader.h"
#include "figment/runs/pipeline.h"

namespace figment {

std::unique_ptr<Dataset> open_run_data(const DataOptions& options, Split split, const Parents& parents,
                                       const std::filesystem::path& out, const DataSpec* like,
                                       std::vector<SkippedFile>* skipped) {
  EncodesDiscrete* maker = code_maker(parents);
  if (!maker) return open_dataset(options, split, like, skipped);
  const LoadedRun& parent = parents.at(kCodesRole);
  DataOptions plain = options;
  plain.flip = false;  // each image is encoded once, as it is
  const auto images = open_dataset(plain, split, &parent.spec, skipped);
  return code_set(*images, *maker, parent.weights, parent.device, out / "cache");
}

std::function<void(const std::function<void(const Batch&)>&)> first_batches(const Dataset& data, int64_t n,
                                                                            torch::Device device) {
  constexpr int64_t kBatch = 250;
  return [&data, n, device](const std::function<void(const Batch&)>& f) {
    int64_t left = n;
    each_batch(data, kBatch, [&](const Batch& batch) {
      if (left > 0) f(to(rows(batch, 0, std::min(left, batch.size())), device));
      left -= batch.size();
    });
  };
}

}  // namespace figment
