#include "figment/runs/svg.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <regex>

namespace figment {
namespace {
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

size_t count_of(const std::string& text, const std::string& what) {
  size_t count = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

/// Every tag is closed in order, and no number became a word.
void expect_sound(const std::string& svg) {
  std::vector<std::string> open;
  const std::regex tag("<(/?)([a-z]+)[^>]*?(/?)>");
  for (auto it = std::sregex_iterator(svg.begin(), svg.end(), tag); it != std::sregex_iterator(); ++it) {
    if ((*it)[3] == "/") continue;
    if ((*it)[1] != "/") {
      open.push_back((*it)[2]);
    } else {
      ASSERT_FALSE(open.empty());
      EXPECT_EQ(open.back(), (*it)[2].str());
      open.pop_back();
    }
  }
  EXPECT_TRUE(open.empty());
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
  EXPECT_THAT(svg, HasSubstr("role=\"img\"><title>"));
  EXPECT_THAT(svg, HasSubstr("<desc>"));
}

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
  EXPECT_THAT(log_ticks(3, 4), Not(testing::IsEmpty()));
  EXPECT_TRUE(log_ticks(0, 4).empty());
}

TEST(Readable, IsShortAndNeverANonNumber) {
  EXPECT_EQ(readable(235.7512), "235.8");
  EXPECT_EQ(readable(600000), "600,000");
  EXPECT_EQ(readable(-0.0), "0");
  EXPECT_EQ(readable(1e-5), "1e-05");
  EXPECT_EQ(readable(kNan), "–");
}

TEST(Escaped, LeavesNoMarkup) {
  EXPECT_EQ(escaped("<b a=\"1\" c='2'>&"), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;");
  EXPECT_EQ(escaped("T-shirt/top é"), "T-shirt/top é");
  EXPECT_EQ(escaped(std::string("a\0b\xff", 4)), "a b\xEF\xBF\xBD");
}

TEST(LineChart, NamesItsLinesAndTellsValuesOnHover) {
  const std::string svg = line_chart({.title = "KL <divergence>",
                                      .unit = "nats",
                                      .lines = {{.name = "train", .points = {{10000, 5}, {20000, 7}}},
                                                {.name = "validation", .points = {{20000, 7.01}}}}});
  expect_sound(svg);
  EXPECT_THAT(svg, HasSubstr("<title>KL &lt;divergence&gt;</title>"));
  EXPECT_THAT(svg, HasSubstr("<title>train: 7 after 20,000 images</title>"));
  EXPECT_THAT(svg, HasSubstr("In nats. train: 5 after 10,000 images, 7 after 20,000 images."));
  EXPECT_EQ(count_of(svg, "<path"), 2u);
  // The two names end at nearly one height and must not overlap.
  std::smatch first, second;
  ASSERT_TRUE(std::regex_search(svg, first, std::regex("line-0\" x=\"[0-9.]+\" y=\"([0-9.]+)\"")));
  ASSERT_TRUE(std::regex_search(svg, second, std::regex("line-1\" x=\"[0-9.]+\" y=\"([0-9.]+)\"")));
  EXPECT_GE(std::abs(std::stod(first[1]) - std::stod(second[1])), 14);
}

TEST(LineChart, AValueThatIsNoNumberIsAGap) {
  const std::string svg = line_chart(
      {.title = "t", .lines = {{.name = "a", .points = {{1, 1}, {2, 2}, {3, kNan}, {4, 4}, {5, kInfinity}, {6, 2}}}}});
  expect_sound(svg);
  std::smatch path;
  ASSERT_TRUE(std::regex_search(svg, path, std::regex("<path class=\"line\" d=\"([^\"]*)\"")));
  EXPECT_EQ(count_of(path[1], "M"), 3u);
  EXPECT_EQ(count_of(path[1], "L"), 1u);
}

TEST(LineChart, OnePointIsADot) {
  const std::string svg = line_chart({.title = "t", .lines = {{.name = "a", .points = {{0, 3}}}}});
  expect_sound(svg);
  EXPECT_EQ(count_of(svg, "class=\"dot\""), 1u);
  for (const double value : {0.0, -3.0, 1e-9, 1e12})
    expect_sound(line_chart({.title = "t", .lines = {{.name = "a", .points = {{1, value}, {2, value}}}}}));
}

TEST(LineChart, WithoutValuesSaysSo) {
  for (const LineChart& chart :
       {LineChart{.title = "t"}, LineChart{.title = "t", .lines = {{.name = "a", .points = {{1, kNan}}}}}}) {
    expect_sound(line_chart(chart));
    EXPECT_THAT(line_chart(chart), HasSubstr("no values yet"));
  }
}

TEST(LineChart, ASteepStartLeavesTheFrameAndIsNoted) {
  Line line{.name = "loss"};
  for (int i = 1; i <= 100; ++i) line.points.push_back({i * 1000.0, 236 + 1000.0 / (i * i)});
  const std::string svg = line_chart({.title = "t", .lines = {line}});
  expect_sound(svg);
  EXPECT_THAT(svg, HasSubstr("begins above the frame, at 1236"));
  EXPECT_THAT(svg, HasSubstr(">240<"));
}

TEST(LineChart, AWideSpanIsLogarithmic) {
  Line line{.name = "rate"};
  for (int i = 0; i <= 10; ++i) line.points.push_back({i * 1000.0, std::pow(10, -i / 2.0)});
  const std::string svg = line_chart({.title = "t", .lines = {line}});
  expect_sound(svg);
  for (const char* tick : {">0.1<", ">0.01<", ">0.001<"}) EXPECT_THAT(svg, HasSubstr(tick));
}

TEST(BarChart, HasABarForEachNumber) {
  const std::string svg = bar_chart({.title = "KL", .unit = "nats", .of = "dimension", .values = {3, kNan, 1, 0}});
  expect_sound(svg);
  EXPECT_EQ(count_of(svg, "<rect"), 3u);
  EXPECT_THAT(svg, HasSubstr("<title>dimension 3: 1 nats</title>"));
  std::smatch high, low;
  ASSERT_TRUE(std::regex_search(svg, high, std::regex("height=\"([0-9.]+)\"><title>dimension 1:")));
  ASSERT_TRUE(std::regex_search(svg, low, std::regex("height=\"([0-9.]+)\"><title>dimension 3:")));
  EXPECT_NEAR(std::stod(high[1]) / std::stod(low[1]), 3, 0.01);
}

TEST(BarChart, EdgesAreSound) {
  expect_sound(bar_chart({.title = "t"}));
  expect_sound(bar_chart({.title = "t", .values = {0}}));
  expect_sound(bar_chart({.title = "t", .values = {-1, 2}}));
  expect_sound(bar_chart({.title = "t", .values = std::vector<double>(500, 0.5)}));
}

}  // namespace
}  // namespace figment
