#include "figment/data/loader.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <set>
#include <thread>

#include "figment/base/error.h"
#include "figment/base/machine.h"
#include "figment/tensor/world.h"

namespace figment {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// Gives back what was asked of it: x is the index, the label the draw's seed. Readers finish out of order.
class Echo : public Dataset {
 public:
  explicit Echo(int64_t size) : size_(size) {}
  const DataSpec& spec() const override { return spec_; }
  int64_t size() const override { return size_; }
  std::string hash() const override { return ""; }
  Batch read(std::span<const Draw> draws) const override {
    std::this_thread::sleep_for(std::chrono::microseconds(draws[0].seed % 500));
    reads += int64_t(draws.size());
    Batch batch{.x = torch::empty({int64_t(draws.size()), 1, 1, 1})};
    batch.condition.labels = {torch::empty({int64_t(draws.size())}, torch::kInt64)};
    for (size_t i = 0; i < draws.size(); ++i) {
      if (draws[i].index == broken) throw DataError("example is broken");
      batch.x.data_ptr<float>()[i] = float(draws[i].index);
      batch.condition.label().data_ptr<int64_t>()[i] = int64_t(draws[i].seed);
    }
    return batch;
  }
  int64_t broken = -1;
  mutable std::atomic<int64_t> reads = 0;

 private:
  DataSpec spec_;
  int64_t size_;
};

using Served = std::vector<std::pair<int64_t, int64_t>>;  // index, seed

Served served(const Dataset& set, LoaderOptions options, int batches) {
  Loader loader(set, options);
  Served all;
  for (int i = 0; i < batches; ++i) {
    const Batch batch = loader.next();
    for (int64_t k = 0; k < batch.size(); ++k)
      all.emplace_back(int64_t(batch.x.data_ptr<float>()[k]), batch.condition.label().data_ptr<int64_t>()[k]);
  }
  return all;
}

TEST(Loader, AnyNumberOfThreadsGivesTheSameBatches) {
  const Echo set(23);
  const Served expected = served(set, {.batch_size = 5, .seed = 7, .threads = 0}, 40);
  for (const int threads : {1, 2, 5})
    for (const int ahead : {1, 4})
      EXPECT_EQ(served(set, {.batch_size = 5, .seed = 7, .threads = threads, .ahead = ahead}, 40), expected);
}

TEST(Loader, PartsOfABatchAreItsRows) {
  const Echo set(23);
  const Served whole = served(set, {.batch_size = 6, .seed = 7, .start = 12}, 10);
  Served joined;
  const Served first = served(set, {.batch_size = 6, .seed = 7, .start = 12, .part = 0, .parts = 2}, 10),
               second = served(set, {.batch_size = 6, .seed = 7, .start = 12, .part = 1, .parts = 2}, 10);
  for (size_t batch = 0; batch < 10; ++batch)
    for (const Served& part : {first, second})
      joined.insert(joined.end(), part.begin() + int64_t(3 * batch), part.begin() + int64_t(3 * batch + 3));
  EXPECT_EQ(joined, whole);
  for (const LoaderOptions& wrong : {LoaderOptions{.batch_size = 5, .parts = 2},
                                     {.batch_size = 6, .part = 2, .parts = 2},
                                     {.batch_size = 6, .parts = 0}})
    EXPECT_THROW(Loader(set, wrong), ConfigError);
}

TEST(Loader, StartGivesTheTailOfAnUninterruptedLoader) {
  const Echo set(23);
  const Served whole = served(set, {.batch_size = 5, .seed = 7}, 40);
  for (const int64_t start : {5, 20, 23, 45, 115}) {
    const Served tail = served(set, {.batch_size = 5, .seed = 7, .start = start}, 10);
    EXPECT_EQ(tail, Served(whole.begin() + start, whole.begin() + start + 50)) << start;
  }
}

TEST(Loader, EachEpochIsAPermutationOfItsOwnWithSeedsOfItsOwn) {
  const Echo set(40);
  const Served all = served(set, {.batch_size = 7, .seed = 3}, 40);  // 280 draws, 7 epochs; batches cross their borders
  std::set<int64_t> seeds;
  std::set<std::vector<int64_t>> orders;
  for (int epoch = 0; epoch < 7; ++epoch) {
    std::vector<int64_t> indices;
    for (int i = 0; i < 40; ++i) {
      indices.push_back(all[size_t(epoch * 40 + i)].first);
      seeds.insert(all[size_t(epoch * 40 + i)].second);
    }
    orders.insert(indices);
    std::sort(indices.begin(), indices.end());
    for (int64_t i = 0; i < 40; ++i) EXPECT_EQ(indices[size_t(i)], i);
  }
  EXPECT_EQ(orders.size(), 7u);
  EXPECT_EQ(seeds.size(), 280u);
}

TEST(Loader, AnotherSeedGivesAnotherOrder) {
  const Echo set(40);
  EXPECT_NE(served(set, {.batch_size = 40, .seed = 3}, 1), served(set, {.batch_size = 40, .seed = 4}, 1));
}

TEST(Loader, ServesASetSmallerThanABatch) {
  const Echo set(3);
  const Served all = served(set, {.batch_size = 8, .threads = 2}, 3);
  std::vector<int> times(3);
  for (const auto& [index, seed] : all) ++times[size_t(index)];
  EXPECT_THAT(times, ElementsAre(8, 8, 8));
}

TEST(Loader, WhatAReaderThrowsSurfacesInNext) {
  Echo set(10);
  set.broken = 4;
  for (const int threads : {0, 1, 3}) {
    Loader loader(set, {.batch_size = 2, .seed = 1, .threads = threads});
    int errors = 0;
    for (int i = 0; i < 10; ++i) try {
        loader.next();
      } catch (const DataError& error) {
        EXPECT_STREQ(error.what(), "example is broken");
        ++errors;
      }
    EXPECT_EQ(errors, 2) << threads;  // once in each of the two epochs, and the loader goes on
  }
}

TEST(Loader, IsDestroyedWhileItsThreadsAreReading) {
  const Echo set(1000);
  for (int i = 0; i < 50; ++i) {
    Loader loader(set, {.batch_size = 3, .threads = 4});
    if (i % 2) loader.next();
  }
}

TEST(Loader, RefusesWhatCannotBeServed) {
  const Echo empty(0), set(3);
  EXPECT_THAT([&] { Loader(empty, {}); }, ThrowsMessage<DataError>(HasSubstr("the data set is empty")));
  EXPECT_THAT([&] { Loader(set, {.batch_size = 0}); }, ThrowsMessage<ConfigError>(HasSubstr("at least 1, got 0")));
  EXPECT_THAT([&] { Loader(set, {.start = -1}); }, ThrowsMessage<ConfigError>(HasSubstr("at least 0, got -1")));
}

TEST(EachBatch, GivesAllExamplesInOrderAndTheRestInAShorterBatch) {
  const Echo set(7);
  std::vector<int64_t> sizes, indices, seeds;
  each_batch(set, 3, [&](const Batch& batch) {
    sizes.push_back(batch.size());
    for (int64_t i = 0; i < batch.size(); ++i) {
      indices.push_back(int64_t(batch.x.data_ptr<float>()[i]));
      seeds.push_back(batch.condition.label().data_ptr<int64_t>()[i]);
    }
  });
  EXPECT_THAT(sizes, ElementsAre(3, 3, 1));
  EXPECT_THAT(indices, ElementsAre(0, 1, 2, 3, 4, 5, 6));
  EXPECT_EQ(seeds, indices);
}

/// One of several processes, as far as it is asked who it is.
class OneOf final : public World {
 public:
  OneOf(int rank, int size) : rank_(rank), size_(size) {}
  int rank() const override { return rank_; }
  int size() const override { return size_; }

 private:
  int rank_, size_;
};

TEST(EachOwnBatch, DealsTheBatchesOutAndReadsNoOthers) {
  using Found = std::vector<std::pair<int64_t, int64_t>>;  // first example, and how many
  const auto found = [](int rank, int size) {
    set_world(std::make_unique<OneOf>(rank, size));
    const Echo set(10);
    Found all;
    each_own_batch(set, 3, [&](int64_t first, const Batch& batch) {
      EXPECT_EQ(batch.x.data_ptr<float>()[0], float(first));
      EXPECT_EQ(batch.condition.label().data_ptr<int64_t>()[0], first) << "its seed is its index";
      all.emplace_back(first, batch.size());
    });
    int64_t examples = 0;
    for (const auto& [first, count] : all) examples += count;
    EXPECT_EQ(set.reads, examples);
    set_world(nullptr);
    return all;
  };
  EXPECT_EQ(found(0, 1), (Found{{0, 3}, {3, 3}, {6, 3}, {9, 1}}));
  EXPECT_EQ(found(0, 3), (Found{{0, 3}, {9, 1}}));
  EXPECT_EQ(found(1, 3), (Found{{3, 3}}));
  EXPECT_EQ(found(4, 5), Found{});
}

TEST(EachBatch, ReadsNoMoreThanWasAskedFor) {
  Echo set(1000);
  set.broken = 5;
  std::vector<int64_t> sizes;
  each_batch(set, 3, [&](const Batch& batch) { sizes.push_back(batch.size()); }, 5);
  EXPECT_THAT(sizes, ElementsAre(3, 2)) << "the sixth example, which cannot be read, was not touched";
  EXPECT_EQ(set.reads, 5);
}

/// Neighbours of it lie together.
struct InRuns final : Echo {
  InRuns(int64_t size, int64_t run) : Echo(size), run_(run) {}
  int64_t neighbours() const override { return run_; }

 private:
  int64_t run_;
};

TEST(Loader, KeepsNeighboursNearEachOtherAndAllItsProperties) {
  const InRuns set(1000, 10);
  const Served whole = served(set, {.batch_size = 10, .seed = 7, .threads = 0}, 250);  // 2.5 epochs
  EXPECT_EQ(served(set, {.batch_size = 10, .seed = 7, .threads = 3}, 250), whole);
  for (const int64_t start : {30, 990, 1000, 1010, 2000})
    EXPECT_EQ(served(set, {.batch_size = 10, .seed = 7, .start = start}, 20),
              Served(whole.begin() + start, whole.begin() + start + 200))
        << start;
  std::set<std::vector<int64_t>> orders;
  for (const int64_t epoch : {0, 1}) {
    std::vector<int64_t> indices;
    for (int64_t i = 0; i < 1000; ++i) indices.push_back(whole[size_t(1000 * epoch + i)].first);
    EXPECT_EQ(indices, permutation_of_runs(1000, 10, mixed(7, uint64_t(epoch))));
    orders.insert(indices);
  }
  EXPECT_EQ(orders.size(), 2u);
}

TEST(Loader, WhereNeighboursLieTogetherEachPartHasExamplesOfItsOwn) {
  const InRuns set(1001, 10);
  std::set<int64_t> all;
  int64_t before = -1;
  for (const int part : {0, 1, 2}) {
    const LoaderOptions options{.batch_size = 30, .seed = 7, .part = part, .parts = 3};
    const Served whole = served(set, options, 67);  // two epochs of 334 examples at most
    const int64_t own = 1001 * (part + 1) / 3 - 1001 * part / 3;
    std::set<int64_t> seen;
    for (int64_t i = 0; i < own; ++i) seen.insert(whole[size_t(i)].first);
    EXPECT_EQ(int64_t(seen.size()), own) << "all in an epoch";
    EXPECT_EQ(*seen.begin(), before + 1);
    EXPECT_EQ(before = *seen.rbegin(), 1001 * (part + 1) / 3 - 1);
    LoaderOptions later = options;
    later.start = 30 * 40;
    EXPECT_EQ(served(set, later, 20), Served(whole.begin() + 400, whole.begin() + 600));
    all.merge(seen);
  }
  EXPECT_EQ(all.size(), 1001u);
}

TEST(Random, RunsComeInAnOrderAndNoneWaitsForMoreThanIsMixed) {
  constexpr int64_t kSize = 1995, kRun = 10, kRuns = 200;  // the last run is shorter
  const std::vector<int64_t> order = permutation_of_runs(kSize, kRun, 42);
  std::vector<int64_t> sorted = order, first(kRuns, -1), last(kRuns);
  std::ranges::sort(sorted);
  for (int64_t i = 0; i < kSize; ++i) EXPECT_EQ(sorted[size_t(i)], i);
  for (int64_t place = 0; place < kSize; ++place) {
    const auto run = size_t(order[size_t(place)] / kRun);
    if (first[run] < 0) first[run] = place;
    last[run] = place;
  }
  const std::vector<int64_t> runs = permutation(kRuns, 42);
  for (size_t k = 0; k + size_t(kRunsMixed) < size_t(kRuns); ++k)
    EXPECT_LT(last[size_t(runs[k])], first[size_t(runs[k + size_t(kRunsMixed)])])
        << "a run waits for kRunsMixed others";
  int64_t apart = 0;  // neighbours by place that are of different runs
  for (size_t place = 1; place < order.size(); ++place) apart += order[place] / kRun != order[place - 1] / kRun;
  EXPECT_GT(apart, kSize * 9 / 10) << "and runs are mixed";
  EXPECT_EQ(permutation_of_runs(kSize, kRun, 42), order);
  EXPECT_NE(permutation_of_runs(kSize, kRun, 43), order);
}

TEST(Random, WithFewRunsOrRunsOfOneTheOrderIsThatOfAll) {
  EXPECT_EQ(permutation_of_runs(100, 1, 5), permutation(100, 5));
  EXPECT_EQ(permutation_of_runs(100, 1000, 5), permutation(100, 5));
  EXPECT_EQ(permutation_of_runs(10 * kRunsMixed, 10, 5), permutation(10 * kRunsMixed, 5));
  EXPECT_NE(permutation_of_runs(10 * kRunsMixed + 1, 10, 5), permutation(10 * kRunsMixed + 1, 5));
  EXPECT_TRUE(permutation_of_runs(0, 10, 5).empty());
}

TEST(Random, GivesTheSameNumbersOnEveryMachine) {
  EXPECT_THAT(permutation(8, 42), ElementsAre(4, 3, 2, 0, 7, 6, 1, 5));
  EXPECT_EQ(mixed(1, 2), 0xbcd9dbb49673066b);
  EXPECT_NE(mixed(1, 2), mixed(2, 1));
}

/// Its first example never comes: a network drive that hangs.
struct Hangs final : Echo {
  using Echo::Echo;
  Batch read(std::span<const Draw> draws) const override {
    while (!released) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return Echo::read(draws);
  }
  mutable std::atomic<bool> released = false;
};

TEST(Loader, WaitingForImagesEndsSoonWhereASignalAsksForIt) {
  const auto stopped = [] {
    std::signal(SIGTERM, SIG_DFL);
    catch_stop_signals();
    const Hangs set(10);
    Loader loader(set, {.batch_size = 2});
    std::raise(SIGTERM);
    const double begin = steady_seconds();
    try {
      loader.next();
    } catch (const Interrupted&) {
      const bool soon = steady_seconds() - begin < 20;  // the drive hangs for ever; a busy machine takes its time
      std::_Exit(soon ? 0 : 1);
    }
    std::_Exit(2);
  };
  EXPECT_EXIT(stopped(), testing::ExitedWithCode(0), "");
}

TEST(EachBatch, EndsBetweenTwoBatchesWhereASignalAsksForIt) {
  const auto stopped = [] {
    std::signal(SIGTERM, SIG_DFL);
    catch_stop_signals();
    int batches = 0;
    try {
      each_batch(Echo(10), 2, [&](const Batch&) {
        if (++batches == 2) std::raise(SIGTERM);
      });
    } catch (const Interrupted&) { std::_Exit(batches == 2 ? 0 : 1); }
    std::_Exit(2);
  };
  EXPECT_EXIT(stopped(), testing::ExitedWithCode(0), "");
}

/// A drive that hangs until it is let go.
class Hanging final : public Echo {
 public:
  Hanging() : Echo(10) {}
  Batch read(std::span<const Draw> draws) const override {
    begun = true;
    while (!let_go) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    Batch batch = Echo::read(draws);
    done = true;
    return batch;
  }
  mutable std::atomic<bool> begun = false, let_go = false, done = false;
};

TEST(Loader, ADriveThatHangsIsNotWaitedFor) {
  const Hanging set;
  const auto wait = [](const std::atomic<bool>& flag) {
    while (!flag) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  };
  {
    Loader loader(set, {.batch_size = 2});
    wait(set.begun);
    const auto before = std::chrono::steady_clock::now();
    EXPECT_FALSE(loader.stop(std::chrono::milliseconds(50)));
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(20));
  }
  set.let_go = true;  // the thread ends by itself, though the loader is gone
  wait(set.done);
  Loader loader(set, {.batch_size = 2, .threads = 2});
  loader.next();
  EXPECT_TRUE(loader.stop(std::chrono::minutes(1)));
}

}  // namespace
}  // namespace figment
