// Settings of [data] in a recipe, free of the engine.
#pragma once
#include <cstdint>
#include <string>

#include "figment/config/field.h"

namespace figment {

struct DataOptions {
  std::string source = "fashion-mnist";
  int64_t size = 0, channels = 0;
  int64_t validation = 2000;
  bool flip = false, strict = false;
  static constexpr auto schema() {
    return fields(
        field<&DataOptions::source>("name of a data set, or a folder: of IDX files, or of PNG and JPEG images"),
        field<&DataOptions::size>("side of the square images are brought to, 0 for their own size", {0, 4096}),
        field<&DataOptions::channels>("1 grey, 3 colour, 0 for what the images have", {0, 3}),
        field<&DataOptions::validation>("training images put aside to choose the best checkpoint; at most a tenth",
                                        {0, 1e6}),
        field<&DataOptions::flip>("mirror each training image left to right with probability 1/2"),
        field<&DataOptions::strict>("an unreadable file is an error instead of a line in the report"));
  }
};
static_assert(complete<DataOptions>());

/// The published split, or where there is none a split by the hash of each file's name (nine tenths train).
/// `validation` is put aside from `train` with a seed of its own: the same images for every run.
enum class Split { kTrain, kValidation, kTest };
constexpr auto words(Split) { return std::to_array<std::string_view>({"train", "validation", "test"}); }

}  // namespace figment
