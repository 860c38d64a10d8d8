#include "figment/pages/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "figment/base/text.h"
#include "figment/pages/page.h"
#include "figment/pages/report_sections.h"
#include "figment/pages/report_words.h"

namespace figment {
namespace {

struct Cost {
  std::optional<double> minutes, images_per_second;
  Json parameters;
};
Cost cost_of(const RunRecord& run) {
  Cost cost{.parameters = find(run.manifest, {"parameters"})};
  if (const Event* finish = finish_of(run); finish && finish->value > 0) {
    cost.minutes = finish->value / 60;
    cost.images_per_second = double(finish->images) / finish->value;
  }
  return cost;
}

std::string spoken(const std::optional<double>& value) { return value ? readable(*value) : "–"; }

/// An error needs no more: 414 is "410", 4.57 "4.6", 0.00140 "0.0014".
std::string two_digits(double error) {
  if (!(error >= 10) || error > 1e15) return fmt::format("{:.2g}", error);
  const double unit = std::pow(10, std::floor(std::log10(error)) - 1);
  return with_commas(std::llround(error / unit) * std::llround(unit));
}

std::string cell_of(const Metric* metric) {
  if (!metric) return "–";
  return readable(metric->value) + (metric->spread ? " ± " + two_digits(*metric->spread) : "");
}

constexpr std::string_view kReal = "_real", kBlurred = "_blurred", kDistance = "frechet_distance";
bool is_reference(std::string_view name) {
  return name.ends_with(kReal) || name.ends_with(kBlurred) || name.starts_with(kFloor);
}

/// What real images have, said in a column of its own.
std::string reference_of(const Compared& run, const std::string& name) {
  std::vector<std::string> words;
  const auto say = [&](const std::string& figure, std::string_view what) {
    if (const Metric* real = metric_of(run, figure)) words.push_back(fmt::format("{} {}", what, readable(real->value)));
  };
  say(name + std::string(kReal), "unseen images");
  for (const PanelWords& extractor : kPanel)
    if (name == fmt::format("{}{}", kDistance, extractor.suffix))
      say(fmt::format("{}{}", kFloor, extractor.suffix), "training images");
  say(name + std::string(kBlurred), "blurred images");
  return fmt::format("{}", fmt::join(words, ", "));
}

/// With the sides of the images where those of the runs differ and the figure depends on them.
std::string unit_of(const Metric& metric, const Compared& run, const std::vector<Compared>& runs) {
  const bool of_pixels =
      metric.name.ends_with("_nats") || metric.name.starts_with("bits_per_") || metric.name == "reconstruction_mse";
  if (!of_pixels || std::ranges::all_of(runs, [&](const Compared& other) { return other.sides == run.sides; }))
    return metric.unit;
  return fmt::format("{}, images of {}", metric.unit, run.sides);
}

/// A row of the table: figures of one name and one unit. Those of another unit, bits of two levels beside bits of 256
/// say, do not compare and have a row of their own.
struct FigureRow {
  std::string name, unit;
  bool operator==(const FigureRow&) const = default;
};
/// The multiples of the floor lead, the others stand in the order in which they were measured.
std::vector<FigureRow> figure_rows(const std::vector<Compared>& runs) {
  std::vector<FigureRow> rows;
  for (const bool leading : {true, false})
    for (const Compared& run : runs)
      for (const Metric& metric : run.evaluation.metrics)
        if (const FigureRow row{metric.name, unit_of(metric, run, runs)};
            metric.name.starts_with(kTimesFloor) == leading && !is_reference(metric.name) &&
            std::ranges::find(rows, row) == rows.end())
          rows.push_back(row);
  return rows;
}

std::vector<std::string> names_of(const std::vector<Compared>& runs) {
  std::vector<std::string> names;
  for (const Compared& run : runs) names.push_back(run.name);
  return names;
}

std::string words_section(const std::vector<Compared>& runs) {
  std::string out;
  for (const std::string& sentence : findings(runs)) out += fmt::format("<p>{}</p>\n", escaped(sentence));
  return section("What the figures say", "Written from the figures below, by rule.", out);
}

std::string pictures_section(const std::vector<Compared>& runs, std::string_view heading, std::string_view sentence,
                             const std::function<const Image*(const Compared&)>& image_of, const char* arrangement,
                             int64_t wish) {
  std::string out;
  for (const Compared& run : runs)
    if (const Image* image = image_of(run))
      out += fmt::format("<figure>{}<figcaption>{}</figcaption></figure>\n",
                         picture_of(encode_png(*image), run.name, wish), escaped(run.name));
  return section(heading, sentence, out.empty() ? "" : fmt::format("<div class=\"{}\">\n{}</div>\n", arrangement, out));
}

const Image* neighbours_of(const Compared& run) {
  const auto found = std::ranges::find(run.evaluation.pictures, "neighbours", &Picture::name);
  return found == run.evaluation.pictures.end() ? nullptr : &found->image;
}

std::string figures_section(const std::vector<Compared>& runs) {
  std::vector<std::string> heads{"Figure"};
  for (const Compared& run : runs) heads.push_back(run.name);
  heads.insert(heads.end(), {"Real images", "Unit", "What it is"});
  std::vector<std::string> checkpoints;
  for (const Compared& run : runs)
    checkpoints.push_back(
        fmt::format("the checkpoint of {} after {}", run.name, counted(run.evaluation.images, "image")));
  std::vector<Row> rows;
  const Metric* any = nullptr;
  for (const auto& [name, unit] : figure_rows(runs)) {
    const Words words = words_of(name);
    Row row{.cells = {words.title}};
    std::string reference;
    for (const Compared& run : runs) {
      const Metric* metric = metric_of(run, name);
      if (metric && unit_of(*metric, run, runs) != unit) metric = nullptr;
      row.cells.push_back(cell_of(metric));
      if (!metric) continue;
      any = metric;
      if (reference.empty()) reference = reference_of(run, name);
    }
    row.cells.insert(row.cells.end(), {reference, unit, words.sentence});
    rows.push_back(std::move(row));
  }
  if (!any) return "";
  return section(
      "Figures",
      "All runs are measured on the same images, with the same feature extractors and seed. Figures of one row "
      "compare; figures of different units do not, and have rows of their own. ± is the standard error: with other "
      "images the figure would differ by about so much. Where ± is something else, the last column says so.",
      "<div class=\"figures\">\n" + html_table(heads, rows) + "</div>\n" +
          fmt::format("<p class=\"note\">{} split, {}, seed {}. Measured: {}.</p>\n", escaped(any->split),
                      counted(any->n, "image"), any->seed, escaped(listed(checkpoints))));
}

std::string histograms_section(const std::vector<Compared>& runs) {
  std::string out;
  for (const Evaluation::Histogram& first : runs.front().evaluation.histograms) {
    Json shares = Json::object();
    for (const Compared& run : runs)
      for (const Evaluation::Histogram& histogram : run.evaluation.histograms)
        if (histogram.name == first.name)
          for (const auto& [whose, values] : histogram.shares) shares[whose == "drawn" ? run.name : whose] = values;
    out += histogram_figure(first.name,
                            {{"caption", first.caption}, {"unit", first.unit}, {"bin", first.bin}, {"shares", shares}});
  }
  return section("Image by image", "How the values of single images are spread.",
                 out.empty() ? "" : "<div class=\"charts\">\n" + out + "</div>\n");
}

std::string costs_section(const std::vector<Compared>& runs) {
  std::vector<Row> rows;
  for (const Compared& run : runs) {
    const Cost cost = cost_of(run.record);
    const std::string parameters = figment::spoken(cost.parameters);
    rows.push_back({{run.name, model_id(run.record), spoken(cost.minutes), parameters.empty() ? "–" : parameters,
                     spoken(cost.images_per_second)}});
  }
  return section("Cost", "Of training, as each run wrote it down.",
                 html_table({"Run", "Model", "Minutes", "Parameters", "Images a second"}, rows));
}

std::string remarks_section(const std::vector<Compared>& runs) {
  std::string out;
  for (const std::string& reason : runs.front().evaluation.left_out)  // of one alone: it is another kind of model
    if (std::ranges::all_of(runs, [&](const Compared& run) {
          return std::ranges::find(run.evaluation.left_out, reason) != run.evaluation.left_out.end();
        }))
      out += fmt::format("<li>{}</li>\n", escaped(reason));
  for (const Compared& run : runs)
    for (const std::string& warning : run.evaluation.warnings)
      out += fmt::format("<li>{}: {}</li>\n", escaped(run.name), escaped(warning));
  return section("Remarks", "What could not be measured, and what to be careful with.",
                 out.empty() ? "" : "<ul class=\"plain\">\n" + out + "</ul>\n");
}

}  // namespace

const Metric* metric_of(const Compared& run, std::string_view name) {
  const auto found = std::ranges::find(run.evaluation.metrics, name, &Metric::name);
  return found == run.evaluation.metrics.end() ? nullptr : &*found;
}

Json to_json(const std::vector<Compared>& runs) {
  Json all = Json::array();
  for (const Compared& run : runs) {
    const Cost cost = cost_of(run.record);
    const auto number = [](const std::optional<double>& value) { return value ? Json(*value) : Json(); };
    Json one = {{"path", run.record.folder.string()}, {"model", model_id(run.record)}};
    one.update(to_json(run.evaluation));
    one["cost"] = {{"minutes", number(cost.minutes)},
                   {"parameters", cost.parameters},
                   {"images_per_second", number(cost.images_per_second)}};
    all.push_back(std::move(one));
  }
  return {{"runs", all}, {"words", findings(runs)}};
}

std::string comparison_page(const std::vector<Compared>& runs) {
  const std::string title = listed(names_of(runs));
  std::string body = fmt::format(
      "<header>\n<p class=\"eyebrow\">figment compare</p>\n<h1>{}</h1>\n<p class=\"summary\">What they draw, side by "
      "side.</p>\n</header>\n<main>\n",
      escaped(title));
  body += words_section(runs);
  body += pictures_section(
      runs, "Samples", "Drawn from the same seeds, not chosen.", [](const Compared& run) { return &run.samples; },
      "beside", 500);
  body += figures_section(runs);
  body += histograms_section(runs);
  body += pictures_section(
      runs, "Nearest training images",
      "Drawn images; below each the training image that is nearest in features, and below that the one "
      "nearest by its pixels. Equal images would be copies.",
      neighbours_of, "stack", 980);
  body += costs_section(runs) + remarks_section(runs);
  return html_page(title, body + "</main>");
}

}  // namespace figment
