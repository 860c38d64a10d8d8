// train FOLDER: trains a small VAE on pictures that the program makes itself, and leaves the run in FOLDER.
#include <cstdio>
#include <exception>

#include "figment/base/error.h"
#include "figment/data/column_set.h"
#include "figment/runs/instance.h"
#include "figment/runs/session.h"
#include "figment/runs/start_run.h"

namespace {

/// Pictures of 8 x 8: a bright square at a random place. Bytes [N,C,H,W]; figment brings them to [-1,1].
std::unique_ptr<figment::Dataset> squares(int64_t count, uint64_t seed) {
  torch::manual_seed(seed);
  torch::Tensor bytes = torch::zeros({count, 1, 8, 8}, torch::kUInt8);
  const torch::Tensor corner = torch::randint(0, 5, {count, 2});
  for (int64_t i = 0; i < count; ++i)
    bytes[i][0].narrow(0, corner[i][0].item<int64_t>(), 4).narrow(1, corner[i][1].item<int64_t>(), 4).fill_(255);
  const figment::DataSpec spec{.x = figment::PixelSpec{.channels = 1, .height = 8, .width = 8}};
  const auto pixels = std::make_shared<figment::PixelColumn>(figment::PixelColumn::Place::kX, bytes);
  return std::make_unique<figment::ColumnSet>(spec, std::vector<std::shared_ptr<const figment::Column>>{pixels},
                                              figment::all_rows(count));
}

struct Quiet : figment::EventSink {
  void take(const figment::Event& event) override {
    if (event.kind == figment::Event::Kind::kFinished) std::printf("%s\n", event.text.c_str());
  }
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::fprintf(stderr, "usage: train FOLDER, for example: train runs\n");
    return 2;
  }
  const auto recipe = figment::read_recipe(figment::Table::parse(
      "[model]\nid = \"vae\"\nnetwork = \"dense\"\nhidden = [32]\nlatent = 2\n[training]\nimages = 20000\n", "recipe"));
  figment::OpenedData data{.train = squares(1000, 1), .validation = squares(100, 2)};
  figment::ReadyRun run = figment::start_run(
      figment::resolved(recipe, 1), "train", argv[1],
      [&](const auto& fill) { return figment::RunFolder::create(argv[1], "vae", fill); }, std::move(data));
  Quiet listener;
  figment::train_run(std::move(run), listener);
} catch (const figment::Error& error) {
  std::fprintf(stderr, "train: %s\n", error.what());
  return 2;
}
