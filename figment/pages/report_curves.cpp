#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "figment/pages/page.h"
#include "figment/pages/report_sections.h"
#include "figment/pages/report_words.h"
#include "figment/pages/svg.h"

namespace figment {
namespace {

constexpr size_t kMostScalars = 500;  // names of scalars that are drawn; a damaged file may hold any number

/// Lines of one chart by the name of the chart, the last word of a scalar's: "train/generator/x" and "validation/x"
/// share one. All rates share one.
std::vector<std::pair<std::string, std::vector<Line>>> charts_of(const RunRecord& run) {
  std::vector<std::pair<std::string, std::vector<Line>>> charts;
  const auto entry_of = [](auto& list, const std::string& key, auto member) -> auto& {
    auto found = std::ranges::find(list, key, member);
    if (found == list.end()) found = list.insert(list.end(), {key, {}});
    return *found;
  };
  std::set<std::string> names;
  for (const Event& event : run.events) {
    if (event.kind != Event::Kind::kScalar || (!names.contains(event.name) && names.size() >= kMostScalars)) continue;
    names.insert(event.name);
    const size_t slash = event.name.rfind('/');
    std::string part = event.name.substr(0, slash),
                term = slash == std::string::npos ? part : event.name.substr(slash + 1);
    if (part == "rate") std::swap(part, term);
    std::ranges::replace(part, '/', ' ');
    auto& lines = entry_of(charts, term, &std::pair<std::string, std::vector<Line>>::first).second;
    entry_of(lines, part, &Line::name).points.push_back({double(event.images), event.value});
  }
  constexpr std::string_view kTrain = "train ";
  for (auto& [name, lines] : charts) {
    const bool all_train = std::ranges::all_of(lines, [&](const Line& line) { return line.name.starts_with(kTrain); });
    for (Line& line : lines) {
      if (all_train) line.name.erase(0, kTrain.size());  // what all are needs no word
      std::ranges::sort(line.points, {}, &Point::x);
    }
  }
  const auto rank = [](const auto& chart) { return chart.first == "loss" ? 0 : chart.first == "rate" ? 2 : 1; };
  std::vector<std::pair<std::string, std::vector<Line>>> ordered;
  for (int wanted = 0; wanted < 3; ++wanted)
    for (const auto& chart : charts)
      if (rank(chart) == wanted) ordered.push_back(chart);
  return ordered;
}

std::vector<double> numbers_of(const Json& list) {
  std::vector<double> values;
  if (list.is_array())
    for (const Json& number : list) values.push_back(number.is_number() ? number.get<double>() : std::nan(""));
  return values;
}

std::string chart_figure(const Words& words, const std::string& svg) {
  return fmt::format("<figure><figcaption><b>{}</b>{}</figcaption>{}</figure>\n", escaped(words.title),
                     escaped(words.sentence), svg);
}

}  // namespace

std::string histogram_figure(std::string_view name, const Json& histogram) {
  const Json& bin = find(histogram, {"bin"});
  if (!bin.is_number()) return "";
  LineChart chart{.title = words_of(name).title, .unit = "share of images", .of = spoken(find(histogram, {"unit"}))};
  for (const auto& [whose, shares] : find(histogram, {"shares"}).items()) {
    Line line{.name = whose};
    for (const double share : numbers_of(shares))
      line.points.push_back({(double(line.points.size()) + 0.5) * bin.get<double>(), share});
    chart.lines.push_back(std::move(line));
  }
  return chart_figure({chart.title, spoken(find(histogram, {"caption"}))}, line_chart(chart));
}

std::string curves_section(const RunRecord& run) {
  std::string out;
  for (const auto& [name, lines] : charts_of(run)) {
    const Words words =
        name == "rate" ? Words{"Learning rate", "How large a step each update may take."} : words_of(name);
    out += chart_figure(words, line_chart({.title = words.title, .unit = unit_of(name, run.data), .lines = lines}));
  }
  return section("Training curves",
                 "Each term of the loss against the images seen so far, on training images and on images put aside. "
                 "Where only the training line still falls, the model overfits.",
                 out.empty() ? "" : "<div class=\"charts\">\n" + out + "</div>\n");
}

std::string series_section(const RunRecord& run) {
  std::string out;
  if (const Json& series = find(run.evaluation, {"series"}); series.is_object())
    for (const auto& [name, one] : series.items()) {
      std::vector<double> values = numbers_of(one.is_object() ? find(one, {"values"}) : one);
      const bool per_dimension = name.ends_with("_per_dimension");
      if (per_dimension)
        std::ranges::sort(values, [](double a, double b) { return std::isnan(b) ? !std::isnan(a) : a > b; });
      Words words = words_of(name);
      if (const std::string caption = spoken(find(one, {"caption"})); !caption.empty()) words.sentence = caption;
      out += chart_figure(words, bar_chart({.title = words.title,
                                            .unit = unit_of(name, run.data),
                                            .of = per_dimension ? "rank" : "place",
                                            .values = values}));
    }
  for (const auto& [name, histogram] : find(run.evaluation, {"histograms"}).items())
    out += histogram_figure(name, histogram);
  return section("Details of the results", "The values per dimension or per image behind some of the figures above.",
                 out.empty() ? "" : "<div class=\"charts\">\n" + out + "</div>\n");
}

}  // namespace figment
