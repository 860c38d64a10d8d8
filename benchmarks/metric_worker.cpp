// Measures how far generated images are from real ones: `metric_worker write FILE` makes features of either, and
// `metric_worker frechet|precision_recall FILE` reads them, as the peer does.
#include "benchmarks/worker.h"
#include "figment/base/file.h"
#include "figment/checkpoint/safetensors.h"
#include "figment/evaluation/feature_distances.h"

namespace figment::bench {
namespace {

constexpr int64_t kImages = 10'000, kFeatures = 2048, kFactors = 64, kFew = 32;

/// Not negative, and of far fewer degrees of freedom than numbers, as features of a classifier are.
Tensor features(const Tensor& spread) {
  const Tensor x = torch::randn({kImages, kFactors}).mm(spread);
  return torch::relu(x + 0.3 * torch::randn(x.sizes()));
}

int write(const std::string& path) {
  torch::manual_seed(1);
  const Tensor spread = torch::randn({kFactors, kFeatures}) / std::sqrt(double(kFactors));
  write_file(path, to_safetensors({{"real", features(spread)}, {"generated", features(1.1 * spread)}}));
  return 0;
}

int measure(const std::string& what, const std::string& path) {
  at::set_num_threads(1);
  const torch::NoGradGuard no_grad;
  const TensorMap given = load_safetensors(path).tensors;
  const Tensor &real = given.at("real"), &generated = given.at("generated");
  const auto figures = [&](const Tensor& a, const Tensor& b) -> std::vector<double> {
    if (what == "frechet") return {frechet_distance(a, b)};
    const Manifolds found = manifolds(a, b);
    return {found.precision.mean, found.recall.mean};
  };
  figures(real.narrow(0, 0, kFew), generated.narrow(0, 0, kFew));  // loads the code: what is added then is its own
  Work work;
  work.run = [&](int64_t times) {
    double sum = 0;
    for (int64_t i = 0; i < times; ++i) sum = figures(real, generated)[0];
    return sum;
  };
  work.losses = [&](int64_t, const std::string&) { return figures(real, generated); };
  serve({{"parameters", kFeatures}}, work);
  return 0;
}

}  // namespace
}  // namespace figment::bench

int main(int argc, char** argv) {
  using namespace figment::bench;
  if (argc != 3) return 2;
  if (argv[1] == std::string("write")) return write(argv[2]);
  run_as_the_program_does(argv);
  return measure(argv[1], argv[2]);
}
