// The size that pictures are brought to where nobody chose one, and whether pictures of a size fit into memory.
#pragma once
#include <string>
#include <vector>

#include "figment/data/picture_files.h"

namespace figment {

inline constexpr double kOfHeaders = 0.1;  ///< the share of an opening's progress in which headers are read

/// What the headers of all examples say.
struct OwnPixels {
  /// Of each picture of an example: the most frequent size. Where less than half of them have it, or it is larger than
  /// a model can be expected to learn, a square for all, and then `choice` says which and why. Channels are those of
  /// each picture, colour when one file has it.
  std::vector<PixelSpec> pixels = {};
  std::string choice = {};
};

/// `cropped`: parts will be cut out, so that the most frequent size stays whatever it is. `keep[i]`: example i will be
/// decoded from the same bytes. Files without a header are left out: decoding them will say what is wrong.
OwnPixels own_pixels(const std::vector<ExampleFiles>&, bool cropped, const std::vector<bool>& keep, FileBytes&,
                     const Progress&);

/// Where as many examples as a training reads at once do not fit into memory, a sentence that says so, with the setting
/// to change. Known before anything is decoded. Throws ConfigError where the crop is larger than the pictures.
std::optional<std::string> memory_fault(const std::vector<PixelSpec>& targets, const DataOptions&, int64_t examples,
                                        int64_t free_bytes);

}  // namespace figment
