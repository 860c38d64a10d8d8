// Draws from a PixelCNN with random weights, or runs its network over whole images.
//   sample_worker draw|forward pixels|codes BATCH   a unit of work: a batch drawn with its caches, or one forward pass
//   sample_worker write pixels|codes FILE           writes weights, inputs and what the network says of them, for the
//   peer
#include <numeric>

#include "benchmarks/worker.h"
#include "figment/base/file.h"
#include "figment/checkpoint/safetensors.h"
#include "figment/models/pixel_cnn/pixel_cnn.h"

namespace figment::bench {
namespace {

pixel_cnn::PixelCnn model_of(const std::string& what) {
  torch::manual_seed(1);
  if (what == "pixels") return {{}, {.x = PixelSpec{.height = 28, .width = 28}}};
  return {{.layers = 8, .first_kernel = 7}, {.x = CodeSpec{.num_codes = 256, .height = 7, .width = 7}}};
}

int work(const std::string& verb, const std::string& what, const std::string& argument) {
  const torch::NoGradGuard no_grad;
  at::set_num_threads(1);
  pixel_cnn::PixelCnn model = model_of(what);
  model.eval();
  SampleRequest request{.seeds = std::vector<int64_t>(verb == "write" ? 2 : std::stoul(argument))};
  std::iota(request.seeds.begin(), request.seeds.end(), 0);
  const Tensor symbols = model.symbols_of(model.sample(request));
  const auto forward = [&] { return model.network().forward(model.network().embedded(symbols), {}); };
  if (verb == "write") {
    TensorMap given = tensors_of(model);
    given["symbols"] = symbols;
    given["outputs"] = forward();
    write_file(argument, to_safetensors(given));
    return 0;
  }
  serve({{"batch", request.seeds.size()}}, {.run = [&](int64_t n) {
          double sum = 0;
          for (int64_t i = 0; i < n; ++i)
            sum += (verb == "draw" ? model.sample(request) : forward()).sum().item<double>();
          return sum;
        }});
  return 0;
}

}  // namespace
}  // namespace figment::bench

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  figment::bench::run_as_the_program_does(argv);
  return figment::bench::work(argv[1], argv[2], argv[3]);
}
