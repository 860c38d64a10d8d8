#include "figment/data/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "figment/base/error.h"
#include "figment/base/machine.h"
#include "figment/tensor/world.h"

namespace figment {
namespace {

constexpr std::chrono::milliseconds kLook(200);  // between looks for a signal while a batch is awaited

/// The draws of one part of every batch, in the order of serving. The parts cut rows out of the batches of all; where
/// neighbours lie together on a drive, each part has examples of its own, so that a process reads its shards alone.
class Order {
 public:
  Order(const Dataset& set, const LoaderOptions& options)
      : run_(set.neighbours()),
        seed_(options.seed),
        part_(options.part),
        parts_(options.parts),
        each_(options.batch_size / options.parts),
        apart_(run_ > 1 && set.size() >= parts_) {
    first_ = apart_ ? set.size() * part_ / parts_ : 0;
    size_ = (apart_ ? set.size() * (part_ + 1) / parts_ : set.size()) - first_;
    const int64_t start = apart_ ? options.start / parts_ : options.start;
    epoch_ = start / size_, position_ = start % size_;
    shuffle();
  }

  std::vector<Draw> batch() {
    if (apart_) return next(each_);
    const std::vector<Draw> whole = next(each_ * parts_);
    return {whole.begin() + part_ * each_, whole.begin() + (part_ + 1) * each_};
  }

 private:
  std::vector<Draw> next(int64_t count) {
    std::vector<Draw> all(static_cast<size_t>(count));
    for (Draw& draw : all) draw = next();
    return all;
  }
  Draw next() {
    if (position_ == size_) {
      ++epoch_;
      position_ = 0;
      shuffle();
    }
    const int64_t index = first_ + indices_[size_t(position_++)];
    return {.index = index, .seed = mixed(mixed(seed_, uint64_t(epoch_)), uint64_t(index))};
  }
  void shuffle() { indices_ = permutation_of_runs(size_, run_, mixed(seed_, uint64_t(epoch_))); }

  int64_t run_;
  uint64_t seed_;
  int64_t part_, parts_, each_;
  bool apart_;
  int64_t first_ = 0, size_ = 0, epoch_ = 0, position_ = 0;
  std::vector<int64_t> indices_ = {};
};

}  // namespace

struct Loader::State {
  struct Slot {
    Batch batch = {};
    std::exception_ptr error = {};
    bool ready = false;
  };

  State(const Dataset& set, const LoaderOptions& given)
      : data(set), options(given), order(set, given), slots(size_t(std::max(1, given.ahead))) {}

  Slot& slot(int64_t number) { return slots[size_t(number) % slots.size()]; }

  void work() {
    std::unique_lock lock(mutex);
    while (true) {
      freed.wait(lock, [&] { return stopping || begun < served + int64_t(slots.size()); });
      if (stopping) break;
      const int64_t number = begun++;
      const std::vector<Draw> some = order.batch();  // under the lock: batches are claimed in the order of the draws
      lock.unlock();
      Slot done;
      try {
        done.batch = data.read(some);
      } catch (...) { done.error = std::current_exception(); }
      done.ready = true;
      lock.lock();
      slot(number) = std::move(done);
      filled.notify_one();
    }
    ++ended;
    filled.notify_all();
  }

  /// Whether all of so many threads have ended.
  bool stop(int threads, std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex);
    stopping = true;
    freed.notify_all();
    return filled.wait_for(lock, patience, [&] { return ended == threads; });
  }

  Batch next() {
    if (options.threads == 0) return data.read(order.batch());
    std::unique_lock lock(mutex);
    while (!filled.wait_for(lock, kLook, [&] { return slot(served).ready; })) expect_no_stop_signal();
    const Slot taken = std::exchange(slot(served), Slot{});
    ++served;
    lock.unlock();
    freed.notify_one();
    if (taken.error) std::rethrow_exception(taken.error);
    return taken.batch;
  }

  const Dataset& data;
  const LoaderOptions options;
  std::mutex mutex;
  std::condition_variable filled, freed;
  Order order;                    // from here on: guarded by the mutex
  std::vector<Slot> slots;        // batch n waits in slot n modulo their number
  int64_t begun = 0, served = 0;  // batches
  int ended = 0;                  // threads
  bool stopping = false;
};

Loader::Loader(const Dataset& set, LoaderOptions options) {
  if (set.size() < 1) throw DataError("Loader: the data set is empty; nothing can be drawn from it");
  if (options.batch_size < 1)
    throw ConfigError(fmt::format("Loader: batch_size must be at least 1, got {}", options.batch_size));
  if (options.start < 0) throw ConfigError(fmt::format("Loader: start must be at least 0, got {}", options.start));
  if (options.parts < 1 || options.part < 0 || options.part >= options.parts || options.batch_size % options.parts != 0)
    throw ConfigError(fmt::format("Loader: {} parts must divide the batch of {}, and part {} must be one of them",
                                  options.parts, options.batch_size, options.part));
  state_ = std::make_shared<State>(set, options);
  for (int i = 0; i < options.threads; ++i) threads_.emplace_back([state = state_] { state->work(); });
}

Loader::~Loader() {
  state_->stop(int(threads_.size()), std::chrono::milliseconds(0));
  for (std::thread& thread : threads_) thread.join();
}

bool Loader::stop(std::chrono::milliseconds patience) {
  const bool ended = state_->stop(int(threads_.size()), patience);
  for (std::thread& thread : threads_) ended ? thread.join() : thread.detach();
  threads_.clear();
  return ended;
}

Batch Loader::next() { return state_->next(); }

namespace {

Batch examples(const Dataset& set, int64_t first, int64_t end) {
  expect_no_stop_signal();
  std::vector<Draw> draws;
  for (int64_t i = first; i < end; ++i) draws.push_back({.index = i, .seed = uint64_t(i)});
  return set.read(draws);
}

}  // namespace

void each_batch(const Dataset& set, int64_t batch_size, const std::function<void(const Batch&)>& use, int64_t most) {
  const int64_t count = std::min(most, set.size());
  for (int64_t first = 0; first < count; first += batch_size)
    use(examples(set, first, std::min(first + batch_size, count)));
}

void each_own_batch(const Dataset& set, int64_t batch_size,
                    const std::function<void(int64_t first, const Batch&)>& use) {
  const int64_t count = set.size(), step = batch_size * world().size();
  for (int64_t first = batch_size * world().rank(); first < count; first += step)
    use(first, examples(set, first, std::min(first + batch_size, count)));
}

}  // namespace figment
