#pragma once
#include <span>

#include "figment/contracts/batch.h"

namespace figment {

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
  /// Hash of everything that `read` can return.
  virtual std::string hash() const = 0;
};

}  // namespace figment
