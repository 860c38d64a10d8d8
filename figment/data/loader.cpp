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

namespace figment {
namespace {

constexpr std::chrono::milliseconds kLook(200);  // between looks for a signal while a batch is awaited

/// The draws in the order of serving.
class Order {
 public:
  Order(int64_t size, uint64_t seed, int64_t start)
      : size_(size), seed_(seed), epoch_(start / size), position_(start % size) {
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
  void shuffle() { indices_ = permutation(size_, mixed(seed_, uint64_t(epoch_))); }

  int64_t size_;
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
      : data(set), options(given), order(set.size(), given.seed, given.start), slots(size_t(std::max(1, given.ahead))) {
    for (int i = 0; i < options.threads; ++i) threads.emplace_back([this] { work(); });
  }
  ~State() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    freed.notify_all();
    for (std::thread& thread : threads) thread.join();
  }

  Slot& slot(int64_t number) { return slots[size_t(number) % slots.size()]; }

  std::vector<Draw> draws() {
    std::vector<Draw> some(size_t(options.batch_size));
    for (Draw& draw : some) draw = order.next();
    return some;
  }

  void work() {
    std::unique_lock lock(mutex);
    while (true) {
      freed.wait(lock, [&] { return stopping || begun < served + int64_t(slots.size()); });
      if (stopping) return;
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
  }

  Batch next() {
    if (threads.empty()) return data.read(draws());
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
  bool stopping = false;
  std::vector<std::thread> threads;
};

Loader::Loader(const Dataset& set, LoaderOptions options) {
  if (set.size() < 1) throw DataError("Loader: the data set is empty; nothing can be drawn from it");
  if (options.batch_size < 1)
    throw ConfigError(fmt::format("Loader: batch_size must be at least 1, got {}", options.batch_size));
  if (options.start < 0) throw ConfigError(fmt::format("Loader: start must be at least 0, got {}", options.start));
  state_ = std::make_unique<State>(set, options);
}

Loader::~Loader() = default;

Batch Loader::next() { return state_->next(); }

void each_batch(const Dataset& set, int64_t batch_size, const std::function<void(const Batch&)>& use, int64_t most) {
  const int64_t count = std::min(most, set.size());
  std::vector<Draw> draws;
  for (int64_t first = 0; first < count; first += batch_size) {
    expect_no_stop_signal();
    draws.clear();
    for (int64_t i = first; i < std::min(first + batch_size, count); ++i)
      draws.push_back({.index = i, .seed = uint64_t(i)});
    use(set.read(draws));
  }
}

}  // namespace figment
