#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "figment/runs/page.h"
#include "figment/runs/report_sections.h"
#include "figment/runs/report_words.h"
#include "figment/runs/svg.h"

namespace figment {
namespace {

/// Lines of one chart by the name of the chart; "train/x" and "validation/x" share one, all rates share one.
std::vector<std::pair<std::string, std::vector<Line>>> charts_of(const RunRecord& run) {
  std::vector<std::pair<std::string, std::vector<Line>>> charts;
  const auto entry_of = [](auto& list, const std::string& key, auto member) -> auto& {
    auto found = std::ranges::find(list, key, member);
    if (found == list.end()) found = list.insert(list.end(), {key, {}});
    return *found;
  };
  for (const Event& event : run.events) {
    if (event.kind != Event::Kind::kScalar) continue;
    const size_t slash = event.name.find('/');
    std::string part = event.name.substr(0, slash),
                term = slash == std::string::npos ? part : event.name.substr(slash + 1);
    if (part == "rate") std::swap(part, term);
    auto& lines = entry_of(charts, term, &std::pair<std::string, std::vector<Line>>::first).second;
    entry_of(lines, part, &Line::name).points.push_back({double(event.images), event.value});
  }
  for (auto& [name, lines] : charts)
    for (Line& line : lines) std::ranges::sort(line.points, {}, &Point::x);
  const auto rank = [](const auto& chart) { return chart.first == "loss" ? 0 : chart.first == "rate" ? 2 : 1; };
  std::vector<std::pair<std::string, std::vector<Line>>> ordered;
  for (int wanted = 0; wanted < 3; ++wanted)
    for (const auto& chart : charts)
      if (rank(chart) == wanted) ordered.push_back(chart);
  return ordered;
}

std::string chart_figure(const Words& words, const std::string& svg) {
  return fmt::format("<figure><figcaption><b>{}</b>{}</figcaption>{}</figure>\n", escaped(words.title),
                     escaped(words.sentence), svg);
}

}  // namespace

std::string curves_section(const RunRecord& run) {
  std::string out;
  for (const auto& [name, lines] : charts_of(run)) {
    const Words words =
        name == "rate" ? Words{"Learning rate", "How large a step each update may take."} : words_of(name);
    out += chart_figure(words, line_chart({.title = words.title, .unit = std::string(unit_of(name)), .lines = lines}));
  }
  return section("Training curves",
                 "Each term of the loss against the images seen so far, on training images and on images put aside. "
                 "Where only the training line still falls, the model is learning by heart.",
                 out.empty() ? "" : "<div class=\"charts\">\n" + out + "</div>\n");
}

std::string series_section(const RunRecord& run) {
  std::string out;
  if (const Json& series = find(run.evaluation, {"series"}); series.is_object())
    for (const auto& [name, one] : series.items()) {
      std::vector<double> values;
      if (const Json& numbers = one.is_object() ? find(one, {"values"}) : one; numbers.is_array())
        for (const Json& number : numbers) values.push_back(number.is_number() ? number.get<double>() : std::nan(""));
      const bool per_dimension = name.ends_with("_per_dimension");
      if (per_dimension)
        std::ranges::sort(values, [](double a, double b) { return std::isnan(b) ? !std::isnan(a) : a > b; });
      Words words = words_of(name);
      if (const std::string caption = spoken(find(one, {"caption"})); !caption.empty()) words.sentence = caption;
      out += chart_figure(words, bar_chart({.title = words.title,
                                            .unit = std::string(unit_of(name)),
                                            .of = per_dimension ? "rank" : "place",
                                            .values = values}));
    }
  return section("Behind the averages", "The parts that some of the results above are sums of.",
                 out.empty() ? "" : "<div class=\"charts\">\n" + out + "</div>\n");
}

}  // namespace figment
