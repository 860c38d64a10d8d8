#include "figment/runs/speed.h"

#include <gtest/gtest.h>

namespace figment {
namespace {

TEST(Speed, IsTheMeanSinceTheLastAnswer) {
  Speed speed(1000, 5);
  EXPECT_FALSE(speed.after(1010, 5.05, false)) << "too soon";
  EXPECT_NEAR(speed.after(1010, 5.05, true).value(), 200, 1e-9) << "but the last one is always told";
  Speed other(0, 0);
  EXPECT_DOUBLE_EQ(other.after(300, 2, false).value(), 150);
}

TEST(Speed, ForgetsWithinSomeTwentySeconds) {
  Speed speed(0, 0);
  EXPECT_DOUBLE_EQ(speed.after(1000, 10, false).value(), 100);
  const double kept = std::exp(-1.0);  // of twenty seconds at another rate
  EXPECT_NEAR(speed.after(1000 + 20 * 400, 30, false).value(), 100 * kept + 400 * (1 - kept), 1e-9);
  for (int i = 1; i <= 20; ++i) speed.after(9000 + i * 5 * 400, 30 + i * 5, false);
  EXPECT_NEAR(speed.after(9000 + 105 * 400, 135, false).value(), 400, 2);
}

}  // namespace
}  // namespace figment
