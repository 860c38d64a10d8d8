#include "figment/base/machine.h"

#include <gmock/gmock.h>
#include <sched.h>

#include <csignal>
#include <cstdlib>

namespace figment {
namespace {

TEST(Machine, AtLeastOneCoreAndNoMoreThanTheAffinity) {
  cpu_set_t set;
  ASSERT_EQ(sched_getaffinity(0, sizeof set, &set), 0);
  EXPECT_GE(granted_cores(), 1);
  EXPECT_LE(granted_cores(), CPU_COUNT(&set));
}

TEST(Machine, AffinityIsHeeded) {
  const auto on_one_core = [] {
    cpu_set_t all, one;
    sched_getaffinity(0, sizeof all, &all);
    CPU_ZERO(&one);
    for (size_t i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++i)
      if (CPU_ISSET(i, &all)) CPU_SET(i, &one);
    sched_setaffinity(0, sizeof one, &one);
    std::_Exit(granted_cores() == 1 ? 0 : 1);
  };
  EXPECT_EXIT(on_one_core(), testing::ExitedWithCode(0), "");
}

TEST(Machine, TimeIsWrittenInUtc) {
  EXPECT_THAT(utc_now(), testing::MatchesRegex("20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z"));
  const double before = steady_seconds();
  EXPECT_GE(steady_seconds(), before);
}

TEST(StopSignal, TheFirstAsksAndTheSecondEnds) {
  EXPECT_EQ(stop_signal(), 0);
  EXPECT_EXIT(
      {
        catch_stop_signals();
        std::raise(SIGTERM);
        std::_Exit(stop_signal() == SIGTERM ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
  EXPECT_EXIT(
      {
        catch_stop_signals();
        std::raise(SIGINT);
        std::raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace figment
