#include "figment/runs/run_images.h"

#include <fmt/format.h>

#include <algorithm>

#include "figment/base/file.h"
#include "figment/base/text.h"
#include "figment/config/json.h"
#include "figment/data/stored_batch.h"
#include "figment/runs/parents.h"
#include "figment/tensor/tensors.h"

namespace figment {

std::vector<Image> images_of(const Tensor& x) {
  std::vector<Image> images;
  for (int64_t i = 0; i < x.size(0); ++i) images.push_back(to_image(x[i]));
  return images;
}

std::vector<Image> pictures_of(const LoadedRun& run, const Tensor& drawn) {
  if (drawn.dim() != 2) return images_of(drawn);
  return {to_image(scatter(drawn, load_examples(run.folder, run.spec).x))};
}

Tensor tensor_of(const LoadedRun& run, const std::vector<Image>& images) {
  const PixelSpec& spec = pixels(code_maker(run.parents) ? run.parents.at(kCodesRole).spec : run.spec);
  std::vector<Tensor> all;
  for (const Image& image : images)
    all.push_back(to_tensor(resized_to_cover(with_channels(image, spec.channels), spec.width, spec.height)));
  return torch::stack(all).to(run.device);
}

Batch examples_of(const LoadedRun& run, int64_t count) {
  const Batch all = load_examples(run.folder, run.spec);
  return to(rows(all, 0, std::min(std::max<int64_t>(count, 1), all.size())), run.device);
}

std::string advice_on_prior(const LoadedRun& run) {
  if (!dynamic_cast<const EncodesDiscrete*>(run.model.get())) return "";
  for (const RunFolder& other : RunFolder::list(run.folder.out())) try {
      const std::string manifest = other.manifest().string();
      const Json json = parse_json(read_file(manifest), manifest);
      if (find(json, {"parents", kCodesRole, "weights"}) == run.weights)
        return fmt::format("; its prior can, '{}'", other.path().string());
    } catch (const Error&) {}  // a neighbour that cannot be read is none
  return fmt::format("; a prior over its codes can, `figment train pixel_cnn --parent codes={}` trains one",
                     shell_quoted(run.folder.path().string()));
}

void save_examples(const RunFolder& folder, const Batch& batch) { write_file(folder.examples(), to_file(batch)); }

Batch load_examples(const RunFolder& folder, const DataSpec& spec) {
  const std::string file = folder.examples().string();
  try {
    Batch batch = from_file(load_safetensors(file), spec, file);
    if (batch.size() == 0) throw DataError(file + ": holds no example");
    return batch;
  } catch (const DataError& error) { throw DataError(std::string(error.what()) + "; bring back a copy"); }
}

}  // namespace figment
