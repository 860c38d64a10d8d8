// The size that pictures are brought to where nobody chose one, and whether pictures of a size fit into memory.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "figment/data/picture_files.h"

namespace figment {

inline constexpr double kOfHeaders = 0.1;  ///< the share of an opening's progress in which headers are read

/// How many pictures have a width and height.
using Sizes = std::map<std::pair<int64_t, int64_t>, int64_t>;

struct CommonSize {
  int64_t width = 1, height = 1;
  std::string choice = {};  ///< a sentence, where it is not simply the most frequent one
};

/// The most frequent size. Where less than half of the pictures have it, or it is larger than a model can be expected
/// to learn, a square for all, and then `choice` says which and why. `cropped`: parts will be cut out, so that the most
/// frequent size stays whatever it is.
CommonSize common_size(const Sizes&, bool cropped);

/// What the headers of all examples say.
struct OwnPixels {
  /// Of each picture of an example: their common size. Channels are those of each picture, colour when one file has it.
  std::vector<PixelSpec> pixels = {};
  std::string choice = {};  ///< as in CommonSize
};

/// `cropped`: as in common_size. `keep[i]`: example i will be decoded from the same bytes. Files without a header are
/// left out: decoding them will say what is wrong.
OwnPixels own_pixels(const std::vector<ExampleFiles>&, bool cropped, const std::vector<bool>& keep, FileBytes&,
                     const Progress&);

/// Where as many examples as a training reads at once do not fit into memory, a sentence that says so, with the setting
/// to change. Known before anything is decoded. Throws ConfigError where the crop is larger than the pictures.
std::optional<std::string> memory_fault(const std::vector<PixelSpec>& targets, const DataOptions&, int64_t examples,
                                        int64_t free_bytes);

}  // namespace figment
