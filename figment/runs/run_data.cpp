#include "figment/runs/run_data.h"

#include "figment/data/code_set.h"
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

}  // namespace figment
