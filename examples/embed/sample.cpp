// sample RUN FILE: opens a trained run, draws 64 images and writes them as one PNG.
#include <cstdio>
#include <exception>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/media/grid.h"
#include "figment/runs/engine.h"

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::fprintf(stderr, "usage: sample RUN FILE, for example: sample runs/0001-vae samples.png\n");
    return 2;
  }
  figment::Engine& engine = *figment_engine({.threads = 1});
  const auto run = engine.open(argv[1]);  // a folder; nothing else of the machine it was trained on is needed

  // Image i depends on seed + i alone: the same seed gives the same pictures, one at a time or all at once.
  const auto images = run->sample({.count = 64, .seed = 1});
  figment::write_file(argv[2], encode_png(figment::grid(images, 8)));
  std::printf("%s: 64 images drawn from %s, %s\n", argv[2], run->model().c_str(), run->path().c_str());
} catch (const figment::Error& error) {  // a sentence for the user: no such run, a damaged checkpoint, a full disk
  std::fprintf(stderr, "sample: %s\n", error.what());
  return 2;
}
