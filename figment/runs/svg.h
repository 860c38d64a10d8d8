// Charts as inline SVG: no script, no font, no file beside the page. Colours come from the page's style sheet (.line-0
// …, .axis, .grid, .bar), so one chart serves light, dark and paper.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace figment {

/// Text made safe inside HTML and SVG, attributes included. Bytes that are no UTF-8 become U+FFFD, control characters
/// spaces.
std::string escaped(std::string_view);

/// A number as people read it: 4 significant digits, "12,345" above that, "1.2e-05" far below 1, "–" for no number.
std::string readable(double);

/// 1, 2 or 5 times a power of ten apart, within [least, most], about so many (half to twice). Empty unless both are
/// finite and least < most.
std::vector<double> nice_ticks(double least, double most, int about);

/// For a logarithmic axis: powers of ten, and 2 and 5 times them where the span is under three decades. Falls back to
/// nice_ticks where fewer than two would be left. Empty unless 0 < least < most.
std::vector<double> log_ticks(double least, double most);

struct Point {
  double x = 0, y = 0;
};
struct Line {
  std::string name = {};
  std::vector<Point> points = {};  ///< by x; a y that is no number is a gap
};
struct LineChart {
  std::string title = {}, unit = {};
  std::vector<Line> lines = {};
  std::string of = {};  ///< what x is ("distance"); empty: images seen
};

/// Lines, each named at its end; points and lines carry titles to hover over. The axis is logarithmic where values span
/// more than a factor of 100. Where the first tenth of a training alone would squeeze the rest it leaves the frame at
/// the top and a note says where it began.
std::string line_chart(const LineChart&);

struct BarChart {
  std::string title = {}, unit = {}, of = {};  ///< of: what a bar is ("dimension"), counted from 1
  std::vector<double> values = {};             ///< what is no number is a gap
};
std::string bar_chart(const BarChart&);

}  // namespace figment
