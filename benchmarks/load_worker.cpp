// Loads images through our data sets and loader. `load_worker batches data.source=…` serves batches of one open set (a
// unit is a batch); `load_worker 5 data.source=…` opens the set and goes through it five times (a unit is that).
#include <string>
#include <string_view>

#include "benchmarks/worker.h"
#include "figment/config/table.h"
#include "figment/data/catalog.h"
#include "figment/data/loader.h"

namespace figment::bench {
namespace {

constexpr int64_t kBatch = 128;

int load(int argc, char** argv) {
  Table recipe;
  for (int i = 2; i < argc; ++i) recipe.assign(argv[i]);
  const auto options = read<DataOptions>(recipe.child("data"));
  at::set_num_threads(1);
  Work work;
  if (std::string_view(argv[1]) != "batches") {
    const int64_t passes = std::stoll(argv[1]);
    work.run = [&](int64_t n) {
      double total = 0;
      int64_t images = 0;
      for (int64_t i = 0; i < n; ++i) {
        const auto data = open_dataset(options, Split::kTrain);
        Loader loader(*data, {.batch_size = kBatch});
        for (total = 0, images = 0; images < passes * data->size(); images += kBatch)
          total += loader.next().x.mean().item<double>();
      }
      return total * kBatch / double(images);
    };
    serve({{"images", passes * open_dataset(options, Split::kTrain)->size()}}, work);
    return 0;
  }
  const auto data = open_dataset(options, Split::kTrain);
  Loader loader(*data, {.batch_size = kBatch});
  work.run = [&](int64_t n) {
    Batch batch;
    for (int64_t i = 0; i < n; ++i) batch = loader.next();
    return batch.x.mean().item<double>();
  };
  serve({{"images", kBatch}}, work);
  return 0;
}

}  // namespace
}  // namespace figment::bench

int main(int argc, char** argv) {
  figment::bench::run_as_the_program_does(argv);
  return figment::bench::load(argc, argv);
}
