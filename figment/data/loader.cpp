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

/// The draws in the order of serving.
class Order {
 public:
  Order(const Dataset& set, uint64_t seed, int64_t start)
      : size_(set.size()), run_(set.neighbours()), seed_(seed), epoch_(start / size_), position_(start % size_) {
    shuffle();
  }
  Draw next() {
    if (position_ == size_) {
      ++epoch_;
      position_ = 0;
      shuffle();
    }
    const int64_t index = indices_[size_t(position_++)];
    return {.index = index, .seed = mixed(mixed(seed_, uint64_t(epoch_)), uint64_t(index))};
  }

 private:
  void shuffle() { indices_ = permutation_of_runs(size_, run_, mixed(seed_, uint64_t(epoch_))); }

  int64_t size_, run_;
  uint64_t seed_;
  int64_t epoch_, position_;
  std::vector<int64_t> indices_;
};

}  // namespace

struct Loader::State {
  struct Slot {
    Batch batch = {};
    std::exception_ptr error = {};
    bool ready = false;
  };

  State(const Dataset& set, const LoaderOptions& given)
      : data(set), options(given), order(set, given.seed, given.start), slots(size_t(std::max(1, given.ahead))) {}

  Slot& slot(int64_t number) { return slots[size_t(number) % slots.size()]; }

  std::vector<Draw> draws() {
    std::vector<Draw> all(size_t(options.batch_size));
    for (Draw& draw : all) draw = order.next();
    const auto part = all.begin() + options.part * (options.batch_size / options.parts);
    return {part, part + options.batch_size / options.parts};
  }

  void work() {
    std::unique_lock lock(mutex);
    while (true) {
      freed.wait(lock, [&] { return stopping || begun < served + int64_t(slots.size()); });
      if (stopping) break;
      const int64_t number = begun++;
      const std::vector<Draw> some = draws();  // under the lock: batches are claimed in the order of the draws
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
    if (options.threads == 0) return data.read(draws());
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
