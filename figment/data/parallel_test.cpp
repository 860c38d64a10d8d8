#include "figment/data/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <vector>

#include "figment/base/error.h"
#include "figment/base/machine.h"

namespace figment {
namespace {

TEST(InParallel, CallsEachNumberOnce) {
  std::vector<std::atomic<int>> calls(1000);
  in_parallel(1000, [&](int64_t i) { ++calls[size_t(i)]; });
  for (const auto& count : calls) EXPECT_EQ(count, 1);
  in_parallel(0, [](int64_t) { FAIL(); });
}

TEST(InParallel, ThrowsWhatWasThrownAndBeginsNothingMore) {
  std::atomic<int> calls{0};
  EXPECT_THROW(in_parallel(1000000,
                           [&](int64_t i) {
                             ++calls;
                             if (i == 3) throw std::runtime_error("three");
                             if (i > 3) std::this_thread::sleep_for(std::chrono::milliseconds(1));
                           }),
               std::runtime_error);
  EXPECT_LT(calls, 1000000);
}

TEST(InParallel, EndsWhereASignalAsksForIt) {
  const auto stopped = [] {
    std::signal(SIGTERM, SIG_DFL);
    catch_stop_signals();
    std::atomic<int> calls{0};
    try {
      in_parallel(1000, [&](int64_t) {
        if (++calls == 3) std::raise(SIGTERM);
        while (calls >= 3 && stop_signal() == 0) std::this_thread::yield();  // none runs ahead of the signal
      });
    } catch (const Interrupted& error) { std::_Exit(error.signal == SIGTERM && calls < 1000 ? 0 : 1); }
    std::_Exit(2);
  };
  EXPECT_EXIT(stopped(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace figment
