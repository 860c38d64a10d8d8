// A data set small enough to train on in a test.
#pragma once
#include <filesystem>
#include <string>

#include "figment/base/file.h"
#include "figment/media/array.h"

namespace figment::testing {

/// IDX files of 8 x 8 grey images with two classes: a bright left half and a bright right half, in many shades. So many
/// to train on, of which a tenth is for validation, and 40 to test.
inline void write_tiny_data(const std::filesystem::path& folder, int train = 400) {
  std::filesystem::create_directories(folder);
  for (const auto& [prefix, count] : {std::pair("train", train), std::pair("t10k", 40)}) {
    ByteArray images{.extents = {count, 8, 8}}, labels{.extents = {count}};
    for (int i = 0; i < count; ++i) {
      labels.values.push_back(uint8_t(i % 2));
      for (int pixel = 0; pixel < 64; ++pixel)
        images.values.push_back((pixel % 8 < 4) == (i % 2 == 0) ? uint8_t(100 + i * 7 % 150) : 5);
    }
    write_file(folder / (std::string(prefix) + "-images-idx3-ubyte"), write_idx(images));
    write_file(folder / (std::string(prefix) + "-labels-idx1-ubyte"), write_idx(labels));
  }
}

/// What makes a training on it short: a hundred steps of a small dense network.
inline const std::vector<std::string> kTinyTraining = {"--set",     "model.network=dense",
                                                       "--set",     "model.hidden=[16]",
                                                       "--set",     "model.latent=3",
                                                       "--set",     "training.batch_size=20",
                                                       "--set",     "training.images=2000",
                                                       "--set",     "training.log_every=500",
                                                       "--set",     "training.precision=fp32",
                                                       "--set",     "training.checkpoint_every=500",
                                                       "--threads", "1"};

}  // namespace figment::testing
