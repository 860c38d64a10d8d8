// One loader for all data sets.
#pragma once
#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

#include "figment/contracts/dataset.h"
#include "figment/data/random.h"

namespace figment {

/// Examples that a training reads at once: the first ones, by which a model is initialised.
inline constexpr int64_t kMostReadAtOnce = 1024;

struct LoaderOptions {
  int64_t batch_size = 1;
  uint64_t seed = 0;
  int threads = 1;          ///< that read; 0: the caller's does
  int ahead = 4;            ///< batches kept ready
  int64_t start = 0;        ///< images already served: the loader's only state
  int part = 0, parts = 1;  ///< which of equal parts of every batch is read, where several processes share it
};

/// Endless shuffled batches, every one full: the epochs' permutations (by seed and epoch; of data whose neighbours lie
/// together on a drive, permutation_of_runs) are joined end to end, and each example's draw seed comes from (seed,
/// epoch, index). So any number of threads gives the same batches, and starting at `start` gives what an uninterrupted
/// loader would have given. The parts of a batch, which must divide it, are the rows of the whole; but where neighbours
/// lie together, each part is drawn from equally many examples of its own. Throws DataError for an empty set.
class Loader {
 public:
  Loader(const Dataset&, LoaderOptions);  ///< the set must outlive the loader
  ~Loader();                              ///< waits for the batches being read, not for those still to come
  /// The same, but waits no longer than this and says whether all were read. Where not (a drive hangs), the threads are
  /// let go, and the set must outlive the process. There is no `next` afterwards.
  bool stop(std::chrono::milliseconds patience);
  Batch next();  ///< rethrows what `Dataset::read` threw for this batch; throws Interrupted where a signal asks for an
                 ///< end while it waits
 private:
  struct State;
  std::shared_ptr<State> state_;  ///< also of each thread
  std::vector<std::thread> threads_ = {};
};

/// The first `most` examples in order, in batches of at most `batch_size`, the last one as long as what is left; no
/// others are read. Each example's draw seed is its index. For evaluation. Throws Interrupted between two batches where
/// a signal asks for an end.
void each_batch(const Dataset&, int64_t batch_size, const std::function<void(const Batch&)>&,
                int64_t most = std::numeric_limits<int64_t>::max());

/// The same batches of all examples, dealt out to the processes that train one model: of N processes this one has the
/// batches r, r + N, …, where r is its rank, and none where there are fewer. `first`: index of a batch's first example.
void each_own_batch(const Dataset&, int64_t batch_size, const std::function<void(int64_t first, const Batch&)>&);

}  // namespace figment
