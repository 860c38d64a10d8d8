// Finds the nearest of K codes for N vectors of 64 numbers and gathers them: `quantize_worker K N`.
#include <fmt/format.h>

#include "benchmarks/worker.h"
#include "figment/base/file.h"
#include "figment/checkpoint/safetensors.h"
#include "figment/nn/nearest_code.h"

namespace figment::bench {
namespace {

constexpr int64_t kSize = 64, kFew = 16;

int quantize(int64_t k, int64_t n) {
  at::set_num_threads(1);
  torch::manual_seed(1);
  const torch::NoGradGuard no_grad;
  const Tensor z = torch::randn({n, kSize}), codebook = torch::randn({k, kSize});
  const auto search = [&](const Tensor& vectors) {
    return codebook.index_select(0, nearest_code(vectors, codebook)).sum().item<double>();
  };
  search(z.narrow(0, 0, kFew));  // loads the code: what the first whole search adds to the memory is its own
  Work work;
  work.run = [&](int64_t times) {
    double sum = 0;
    for (int64_t i = 0; i < times; ++i) sum = search(z);
    return sum;
  };
  work.losses = [&](int64_t steps, const std::string& path) {  // of each step: the mean code of a part of the vectors
    write_file(path, to_safetensors({{"z", z}, {"codebook", codebook}}));
    const Tensor code = nearest_code(z, codebook);
    std::vector<double> means;
    for (const Tensor& part : code.chunk(steps)) means.push_back(part.to(torch::kDouble).mean().item<double>());
    return means;
  };
  serve({{"parameters", codebook.numel()}}, work);
  return 0;
}

}  // namespace
}  // namespace figment::bench

int main(int argc, char** argv) {
  figment::bench::run_as_the_program_does(argv);
  return argc == 3 ? figment::bench::quantize(std::stoll(argv[1]), std::stoll(argv[2])) : 2;
}
