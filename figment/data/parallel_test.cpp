#include "figment/data/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

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
                           }),
               std::runtime_error);
  EXPECT_LT(calls, 1000000);
}

}  // namespace
}  // namespace figment
