#pragma once
#include <span>

#include "figment/contracts/batch.h"

namespace figment {

/// Examples that evaluation hands to a model at once. Another number would give the same figures, but for the last bits
/// and for whatever noise is drawn batch by batch.
inline constexpr int64_t kEvaluationBatch = 250;

/// `seed` decides whatever is random about this example: crop, flip, which caption.
struct Draw {
  int64_t index = 0;
  uint64_t seed = 0;
};

/// Whole batches are asked for, so in-memory sets answer with one gather and nobody writes a collate function. Equal
/// draws give equal bytes, on any thread: the loader's only state is a number of images.
class Dataset {
 public:
  virtual ~Dataset() = default;
  virtual const DataSpec& spec() const = 0;
  virtual int64_t size() const = 0;
  /// Called from several threads at once. x in [-1,1] for pixels.
  virtual Batch read(std::span<const Draw>) const = 0;
  /// Hash of the data as they are, without augmentation: a classifier of these data has the same one, however it was
  /// trained.
  virtual std::string hash() const = 0;
  /// How a draw's seed changes an example ("flip"): hash() and augmentation() together say all that `read` can return.
  virtual std::string augmentation() const { return {}; }
  /// How many examples in a row, by their indices, lie together on a drive, so that they are best read at about the
  /// same time; 1: any order is as good. The order of a training keeps such neighbours near each other.
  virtual int64_t neighbours() const { return 1; }
  /// What people call an example: the name of its file, relative to the folder; empty where it has none.
  virtual std::string name(int64_t index) const { return (void)index, std::string(); }
};

}  // namespace figment
