// Charts as inline SVG: no script, no font, no file beside the page. Colours come from the page's style sheet (.line-0
// …, .axis, .grid, .bar), so one chart serves light, dark and paper.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace figment {

struct Point {
  double x = 0, y = 0;
};
struct Line {
  std::string name = {};
  std::vector<Point> points = {};  ///< by x; a y that is NaN or infinite is a gap
};
struct LineChart {
  std::string title = {}, unit = {};
  std::vector<Line> lines = {};
  std::string of = {};  ///< what x is ("distance"); empty: images seen
};

/// Lines, each named at its end; points and lines carry titles to hover over. The axis is logarithmic where values span
/// more than a factor of 100. If the first tenth would flatten the rest of the curve, it is clipped at the top and a
/// note gives its first value.
std::string line_chart(const LineChart&);

struct BarChart {
  std::string title = {}, unit = {}, of = {};  ///< of: what a bar is ("dimension"), counted from 1
  std::vector<double> values = {};             ///< what is NaN or infinite is a gap
};
std::string bar_chart(const BarChart&);

}  // namespace figment
