// What every format does alike: which images belong to a split, and how a set is brought to the shape that a run
// expects.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "figment/contracts/dataset.h"
#include "figment/data/options.h"
#include "figment/media/image.h"

namespace figment {

/// How many of `train` images are put aside: `options.validation`, at most a tenth.
int64_t validation_size(int64_t train, const DataOptions&);

/// Which of the `train` images belong to kTrain or kValidation, ascending: the same for every run.
std::vector<int64_t> rows_of(Split, int64_t train, const DataOptions&);

/// The rows that draws ask for, [N] int64. Throws DataError for an index outside [0, size).
Tensor indices_of(std::span<const Draw>, int64_t size);

/// Extents and channels that images are brought to: those of `like`, else the options', else their own. Throws
/// DataError when `like` is of another kind, ConfigError for two channels.
PixelSpec target_pixels(const PixelSpec& own, const DataOptions&, const DataSpec* like);

/// Brings a picture to `target` and writes its bytes as [C,H,W]. Other aspects lose their edges, not their proportions.
void fit(const Image&, const PixelSpec& target, uint8_t* to);

/// What classes a set has by itself.
struct Classes {
  std::vector<std::string> names = {};  ///< empty where the data has no labels
  bool numbered = false;                ///< the names are only "0", "1", …: those of `like` are taken over
};

struct ConformedClasses {
  std::vector<std::string> names = {};  ///< empty: no labels
  std::vector<int64_t> number_of = {};  ///< the number that a set's own class gets
};

/// Names and numbers of the classes as `like` has them. Throws DataError naming the class that `like` does not know, or
/// what else `like` has beside the images and this set has not. `where` begins the sentence.
ConformedClasses conformed(const Classes&, const DataSpec* like, std::string_view where);

}  // namespace figment
