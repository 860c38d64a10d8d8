#include "figment/pages/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "figment/base/text.h"
#include "figment/pages/page.h"
#include "figment/pages/ticks.h"

namespace figment {
namespace {

constexpr double kWidth = 440, kHeight = 250, kTop = 22, kBottom = 38, kLeft = 50;
constexpr double kLetter = 6.6, kLineOfText = 14;  // of the 12-pixel font, for placing labels
constexpr double kLogarithmicFrom = 100;           // most over least
constexpr size_t kMostHoverPoints = 150, kMostDots = 24;

struct Extent {
  double least = std::numeric_limits<double>::infinity(), most = -least;
  void add(double value) {
    if (std::isfinite(value)) least = std::min(least, value), most = std::max(most, value);
  }
  bool empty() const { return least > most; }
  double size() const { return most - least; }
};

/// Maps values to pixels and back to ticks.
struct Axis {
  Extent values;
  double from = 0, to = 0;  // pixels
  bool logarithmic = false;

  double operator()(double value) const {
    const auto scale = [this](double v) { return logarithmic ? std::log(v) : v; };
    const double share = (scale(value) - scale(values.least)) / (scale(values.most) - scale(values.least));
    return from + share * (to - from);
  }
  std::vector<double> ticks(int about) const {
    return logarithmic ? log_ticks(values.least, values.most) : nice_ticks(values.least, values.most, about);
  }
};

/// "600k", "1.2M": for the axis of images.
std::string short_count(double value) {
  if (value >= 1e6) return fmt::format("{:.4g}M", value / 1e6);
  if (value >= 1e3) return fmt::format("{:.4g}k", value / 1e3);
  return fmt::format("{:.4g}", value);
}

std::string open(std::string_view title, std::string_view description) {
  return fmt::format("<svg class=\"chart\" viewBox=\"0 0 {:g} {:g}\" role=\"img\"><title>{}</title><desc>{}</desc>\n",
                     kWidth, kHeight, escaped(title), escaped(description));
}

std::string text(double x, double y, std::string_view anchor, std::string_view words,
                 std::string_view classes = "label") {
  return fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", classes, x, y,
                     anchor, escaped(words));
}

std::string nothing(std::string_view title) {
  return open(title, "no values yet") + text(kWidth / 2, kHeight / 2, "middle", "no values yet") + "</svg>";
}

std::string vertical_axis(const Axis& y, double right, std::string_view unit) {
  std::string out;
  for (const double tick : y.ticks(5)) {
    out += fmt::format("<line class=\"grid\" x1=\"{:g}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>\n", kLeft, right,
                       y(tick), y(tick));
    out += text(kLeft - 8, y(tick) + 4, "end", readable(tick));
  }
  return out + text(kLeft - 8, 10, "end", unit, "label unit");
}

std::string base_line(double right) {
  return fmt::format("<line class=\"axis\" x1=\"{:g}\" x2=\"{:.1f}\" y1=\"{:g}\" y2=\"{:g}\"/>\n", kLeft, right,
                     kHeight - kBottom, kHeight - kBottom);
}

Extent padded(Extent extent, bool logarithmic) {
  if (extent.size() <= 0) extent.add(extent.most * 0.9), extent.add(extent.least > 0 ? extent.most * 1.1 : 1e-6);
  if (logarithmic) return {extent.least / 1.1, extent.most * 1.1};
  return {extent.least - 0.06 * extent.size(), extent.most + 0.06 * extent.size()};
}

/// The values the frame shows: all, or all but the first tenth where that is what squeezes the others.
Extent shown(const std::vector<Line>& lines, const Extent& x) {
  Extent all, later;
  size_t count = 0;
  for (const Line& line : lines)
    for (const Point& p : line.points) {
      all.add(p.y);
      if (p.x < x.least + 0.1 * x.size()) continue;
      later.add(p.y);
      count += std::isfinite(p.y);
    }
  if (count < 5 || all.size() < 2.5 * later.size() || all.least < later.least || later.size() <= 0) return all;
  return {later.least, later.most};
}

/// "after 2,000 images", "at 0.25".
std::string place_of(const LineChart& chart, double x) {
  return chart.of.empty() ? fmt::format("after {}", counted(std::llround(x), "image"))
                          : fmt::format("at {}", readable(x));
}

std::string path_of(const LineChart& chart, const Line& line, const Axis& x, const Axis& y, int number) {
  std::string path, dots;
  bool pen_down = false;
  const size_t stride = line.points.size() / kMostHoverPoints + 1;
  const auto drawable = [&](size_t i) {
    return i < line.points.size() && std::isfinite(line.points[i].y) && (!y.logarithmic || line.points[i].y > 0);
  };
  for (size_t i = 0; i < line.points.size(); ++i) {
    if (!drawable(i)) {
      pen_down = false;
      continue;
    }
    const auto [px, py] = Point{x(line.points[i].x), y(line.points[i].y)};
    path += fmt::format("{}{:.1f} {:.1f}", pen_down ? "L" : "M", px, py);
    const bool alone = !pen_down && !drawable(i + 1);
    pen_down = true;
    if (alone || line.points.size() <= kMostDots)
      dots += fmt::format("<circle class=\"dot\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.4\"/>", px, py);
    if (i % stride == 0 || i + 1 == line.points.size())
      dots +=
          fmt::format("<circle class=\"hit\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"7\"><title>{}: {} {}</title></circle>\n",
                      px, py, escaped(line.name), readable(line.points[i].y), place_of(chart, line.points[i].x));
  }
  return fmt::format("<g class=\"line-{}\"><path class=\"line\" d=\"{}\"><title>{}</title></path>{}</g>\n", number % 6,
                     path, escaped(line.name), dots);
}

std::optional<Point> last_point(const Line& line) {
  for (auto p = line.points.rbegin(); p != line.points.rend(); ++p)
    if (std::isfinite(p->y)) return *p;
  return std::nullopt;
}

/// Names at the ends of their lines, pushed apart where they would overlap.
std::string end_labels(const std::vector<Line>& lines, const Axis& y, double right) {
  struct Label {
    double at;
    size_t line;
  };
  std::vector<Label> labels;
  for (size_t i = 0; i < lines.size(); ++i)
    if (const auto last = last_point(lines[i]); last && (!y.logarithmic || last->y > 0))
      labels.push_back({std::clamp(y(last->y), kTop + 4, kHeight - kBottom - 4), i});
  std::ranges::sort(labels, {}, [](const Label& l) { return std::pair(l.at, l.line); });
  for (size_t i = 1; i < labels.size(); ++i) labels[i].at = std::max(labels[i].at, labels[i - 1].at + kLineOfText);
  if (!labels.empty()) labels.back().at = std::min(labels.back().at, kHeight - kBottom);
  for (size_t i = labels.size(); i-- > 1;) labels[i - 1].at = std::min(labels[i - 1].at, labels[i].at - kLineOfText);
  std::string out;
  for (const Label& label : labels)
    out += text(right + 7, label.at + 4, "start", lines[label.line].name,
                fmt::format("label name line-{}", label.line % 6));
  return out;
}

std::string described(const LineChart& chart) {
  std::string out = chart.unit.empty() ? "" : fmt::format("In {}. ", chart.unit);
  for (const Line& line : chart.lines) {
    const auto first = std::ranges::find_if(line.points, [](const Point& p) { return std::isfinite(p.y); });
    if (first == line.points.end()) continue;
    const Point last = *last_point(line);
    out += fmt::format("{}: {} {}, {} {}. ", line.name, readable(first->y), place_of(chart, first->x), readable(last.y),
                       place_of(chart, last.x));
  }
  return out;
}

}  // namespace

std::string line_chart(const LineChart& chart) {
  Extent x_values, all;
  for (const Line& line : chart.lines)
    for (const Point& p : line.points)
      if (std::isfinite(p.y)) x_values.add(p.x), all.add(p.y);
  if (x_values.empty()) return nothing(chart.title);
  x_values.add(0);
  if (x_values.size() <= 0) x_values.most = x_values.least + 1;

  size_t longest = 0;
  for (const Line& line : chart.lines) longest = std::max(longest, line.name.size());
  const double right = kWidth - std::clamp(kLetter * double(longest) + 12, 16.0, 150.0);
  const Extent y_values = chart.of.empty() ? shown(chart.lines, x_values) : all;
  const bool logarithmic = y_values.least > 0 && y_values.most > kLogarithmicFrom * y_values.least;
  const Axis x{x_values, kLeft, right}, y{padded(y_values, logarithmic), kHeight - kBottom, kTop, logarithmic};

  std::string out = open(chart.title, described(chart)) + vertical_axis(y, right, chart.unit);
  for (const double tick : x.ticks(4)) out += text(x(tick), kHeight - kBottom + 17, "middle", short_count(tick));
  out += text(right, kHeight - 4, "end", chart.of.empty() ? "images seen" : chart.of, "label unit") + base_line(right);
  if (all.most > y.values.most)
    out += text(right, kTop + 4, "end", fmt::format("begins above the frame, at {}", readable(all.most)), "label unit");
  // A nested svg clips what leaves the frame, without an id that two charts of one page would share.
  out += fmt::format("<svg x=\"{:g}\" y=\"{:g}\" width=\"{:.1f}\" height=\"{:g}\" viewBox=\"{:g} {:g} {:.1f} {:g}\">\n",
                     kLeft, kTop - 4, right - kLeft + 6, kHeight - kBottom - kTop + 8, kLeft, kTop - 4,
                     right - kLeft + 6, kHeight - kBottom - kTop + 8);
  for (size_t i = 0; i < chart.lines.size(); ++i) out += path_of(chart, chart.lines[i], x, y, int(i));
  return out + "</svg>\n" + end_labels(chart.lines, y, right) + "</svg>";
}

std::string bar_chart(const BarChart& chart) {
  Extent values;
  for (const double value : chart.values) values.add(value);
  if (values.empty()) return nothing(chart.title);
  const std::string description = fmt::format("{} from {} to {} {}", counted(int64_t(chart.values.size()), "bar"),
                                              readable(values.least), readable(values.most), chart.unit);
  values.add(0);
  if (values.size() <= 0) values.most = 1;
  const double right = kWidth - 8, slot = (right - kLeft) / double(chart.values.size());
  const Axis y{{values.least < 0 ? values.least * 1.06 : 0, values.most * 1.06}, kHeight - kBottom, kTop};

  std::string out = open(chart.title, description) + vertical_axis(y, right, chart.unit);
  for (size_t i = 0; i < chart.values.size(); ++i) {
    if (!std::isfinite(chart.values[i])) continue;
    const double top = std::min(y(chart.values[i]), y(0)), height = std::max(std::abs(y(chart.values[i]) - y(0)), 0.75);
    out += fmt::format(
        "<rect class=\"bar\" x=\"{:.2f}\" y=\"{:.1f}\" width=\"{:.2f}\" height=\"{:.1f}\"><title>{} {}: {} "
        "{}</title></rect>\n",
        kLeft + slot * (double(i) + 0.1), top, 0.8 * slot, height, escaped(chart.of), i + 1, readable(chart.values[i]),
        escaped(chart.unit));
  }
  for (const double tick : nice_ticks(0.5, double(chart.values.size()) + 0.5, 6))
    if (tick == std::floor(tick))
      out += text(kLeft + slot * (tick - 0.5), kHeight - kBottom + 17, "middle", readable(tick));
  return out + text(right, kHeight - 4, "end", chart.of, "label unit") + base_line(right) + "</svg>";
}

}  // namespace figment
