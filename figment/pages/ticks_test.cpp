#include "figment/pages/ticks.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "figment/base/text.h"

namespace figment {
namespace {

using ::testing::ElementsAre;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST(NiceTicks, AreOneTwoOrFiveTimesAPowerOfTen) {
  EXPECT_THAT(nice_ticks(0, 10, 5), ElementsAre(0, 2, 4, 6, 8, 10));
  EXPECT_THAT(nice_ticks(0, 600000, 4), ElementsAre(0, 200000, 400000, 600000));
  EXPECT_THAT(nice_ticks(233.2, 251, 4), ElementsAre(235, 240, 245, 250));
  EXPECT_THAT(nice_ticks(-1, 1, 4), ElementsAre(-1, -0.5, 0, 0.5, 1));
  EXPECT_EQ(readable(nice_ticks(-0.1, 1, 5).front()), "0");
  EXPECT_EQ(nice_ticks(0.0001, 0.00037, 4).size(), 6u);
}

TEST(NiceTicks, StayWithinAndNearTheNumberAskedFor) {
  for (double least : {-1e9, -3.7, 0.0, 1e-7, 12.5})
    for (double size : {1e-6, 0.3, 7.0, 1e8}) {
      const auto ticks = nice_ticks(least, least + size, 5);
      EXPECT_GE(ticks.size(), 2u) << least << " " << size;
      EXPECT_LE(ticks.size(), 11u) << least << " " << size;
      for (const double tick : ticks) {
        EXPECT_GE(tick, least - 1e-6 * size - 1e-6);
        EXPECT_LE(tick, least + size + 1e-6 * size + 1e-6);
      }
    }
}

TEST(NiceTicks, OfNoRangeAreNone) {
  EXPECT_TRUE(nice_ticks(1, 1, 5).empty());
  EXPECT_TRUE(nice_ticks(2, 1, 5).empty());
  EXPECT_TRUE(nice_ticks(kNan, 1, 5).empty());
  EXPECT_TRUE(nice_ticks(0, kInfinity, 5).empty());
  EXPECT_LE(nice_ticks(1e17, std::nextafter(1e17, 2e17), 5).size(), 2u);
}

TEST(LogTicks, FollowTheDecades) {
  EXPECT_THAT(log_ticks(0.9, 60), ElementsAre(1, 2, 5, 10, 20, 50));
  EXPECT_EQ(log_ticks(1e-5, 1e2).size(), 8u);
  EXPECT_THAT(log_ticks(3, 4), ::testing::Not(::testing::IsEmpty()));
  EXPECT_TRUE(log_ticks(0, 4).empty());
}

}  // namespace figment
