#include "figment/pages/svg.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <regex>

namespace figment {
namespace {
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
