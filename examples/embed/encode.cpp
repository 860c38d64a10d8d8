// encode RUN PICTURE: prints the latent vector of one picture. RUN is a trained run whose model encodes, a VAE for
// instance.
#include <cstdio>
#include <exception>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/contracts/capabilities.h"
#include "figment/media/image.h"
#include "figment/runs/loaded_run.h"
#include "figment/runs/run_images.h"

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::fprintf(stderr, "usage: encode RUN PICTURE, for example: encode runs/0001-vae boot.png\n");
    return 2;
  }
  const torch::NoGradGuard no_grad;
  const figment::LoadedRun run = figment::load_run(figment::RunFolder::at(argv[1]), torch::kCPU);
  // What the model can do stands in its class head; `need` says in a sentence where it cannot.
  auto& model = figment::need<figment::EncodesLatent>(run, "encode images to a vector");

  const figment::Image image = figment::decode_image(figment::read_file(argv[2]), argv[2]);
  const torch::Tensor x = figment::tensor_of(run, {image});  // resized, cropped and scaled to [-1,1] as the run's data
  const torch::Tensor z = model.encode(x);                   // [1,Z]
  for (int64_t i = 0; i < z.size(1); ++i) std::printf("%g\n", z[0][i].item<double>());
} catch (const figment::Error& error) {
  std::fprintf(stderr, "encode: %s\n", error.what());
  return 2;
}
