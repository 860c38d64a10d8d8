// One loader for all data sets.
#pragma once
#include <functional>
#include <limits>
#include <memory>

#include "figment/contracts/dataset.h"
#include "figment/data/random.h"

namespace figment {

/// Examples that a training reads at once: the first ones, by which a model is initialised.
inline constexpr int64_t kMostReadAtOnce = 1024;

struct LoaderOptions {
  int64_t batch_size = 1;
  uint64_t seed = 0;
  int threads = 1;    ///< 0: read in the caller's thread
  int ahead = 4;      ///< batches kept ready
  int64_t start = 0;  ///< images already served: the loader's only state
};

/// Endless shuffled batches, every one full: the epochs' permutations (by seed and epoch) are joined end to end, and
/// each example's draw seed comes from (seed, epoch, index). So any number of threads gives the same batches, and
/// starting at `start` gives what an uninterrupted loader would have given. Throws DataError for an empty set.
class Loader {
 public:
  Loader(const Dataset&, LoaderOptions);  ///< the set must outlive the loader
  ~Loader();                              ///< waits for the batches being read, not for those still to come
  Batch next();  ///< rethrows what `Dataset::read` threw for this batch; throws Interrupted where a signal asks for an
                 ///< end while it waits
 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The first `most` examples in order, in batches of at most `batch_size`, the last one as long as what is left; no
/// others are read. Each example's draw seed is its index. For evaluation. Throws Interrupted between two batches where
/// a signal asks for an end.
void each_batch(const Dataset&, int64_t batch_size, const std::function<void(const Batch&)>&,
                int64_t most = std::numeric_limits<int64_t>::max());

}  // namespace figment
