#include "figment/runs/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "figment/base/text.h"
#include "figment/base/version.h"
#include "figment/runs/page.h"
#include "figment/runs/report_sections.h"
#include "figment/runs/report_words.h"
#include "figment/runs/svg.h"

namespace figment {
namespace {

constexpr double kAlike = 0.1;    // relative difference that is called none
constexpr double kCopies = 0.25;  // of the distance that unseen real images have to training images

const Metric* metric_of(const Compared& run, std::string_view name) {
  const auto found = std::ranges::find(run.evaluation.metrics, name, &Metric::name);
  return found == run.evaluation.metrics.end() ? nullptr : &*found;
}

/// `name` over `name`_real, what real images have; nothing where either is missing.
std::optional<double> share_of_real(const Compared& run, const std::string& name) {
  const Metric *own = metric_of(run, name), *real = metric_of(run, name + "_real");
  if (!own || !real || real->value <= 0) return std::nullopt;
  return own->value / real->value;
}

std::string percent(double share) { return fmt::format("{:.0f} %", 100 * share); }

std::string sharpness_words(double share) {
  if (share < 1 - kAlike)
    return fmt::format("draws images with {} of the sharpness of real ones: they are blurred", percent(share));
  if (share > 1 + kAlike)
    return fmt::format("draws images with {} of the sharpness of real ones: they have grain or false edges",
                       percent(share));
  return fmt::format("draws images as sharp as real ones ({})", percent(share));
}

std::string nearness_words(double share) {
  if (share < kCopies)
    return fmt::format("They lie at {} of the distance to training images that unseen real ones have: many are copies",
                       percent(share));
  if (share < 1 - kAlike)
    return fmt::format(
        "They lie closer to training images than unseen real ones do ({} of the distance): it keeps to what is common",
        percent(share));
  if (share > 1 + kAlike)
    return fmt::format(
        "They lie farther from training images than unseen real ones do ({} of the distance): part of "
        "them is unlike the data",
        percent(share));
  return fmt::format("They lie as far from training images as unseen real ones do ({})", percent(share));
}

std::string variety_words(const Compared& run) {
  const Metric *precision = metric_of(run, "precision"), *recall = metric_of(run, "recall");
  if (!precision || !recall) return "";
  return fmt::format(" Of what it draws {} lies among real images, and {} of real images lie among what it draws.",
                     percent(precision->value), percent(recall->value));
}

/// "0003-gan" is nearest …: the smallest Fréchet distance, unless the next lies within both spreads.
std::string nearest_words(const std::vector<Compared>& runs) {
  std::vector<const Compared*> judged;
  for (const Compared& run : runs)
    if (metric_of(run, "frechet_distance")) judged.push_back(&run);
  if (judged.size() < 2) return "";
  const auto distance = [](const Compared* run) { return metric_of(*run, "frechet_distance"); };
  std::ranges::sort(judged, {}, [&](const Compared* run) { return distance(run)->value; });
  const Metric &first = *distance(judged[0]), &second = *distance(judged[1]);
  std::vector<std::string> others;
  for (size_t i = 1; i < judged.size(); ++i)
    others.push_back(fmt::format("{} for {}", readable(distance(judged[i])->value), judged[i]->name));
  if (second.value - first.value <= 2 * std::hypot(first.spread.value_or(0), second.spread.value_or(0)))
    return fmt::format("By Fréchet distance {} and {} cannot be told apart: {}, {}.", judged[0]->name, judged[1]->name,
                       readable(first.value), listed(others));
  return fmt::format("By Fréchet distance {} is nearest to real images: {}, against {}.", judged[0]->name,
                     readable(first.value), listed(others));
}

/// Of two: one blurred and close, the other sharp and far; or the blurred one is far as well.
std::string opposites_words(const std::vector<Compared>& runs) {
  for (const Compared& a : runs)
    for (const Compared& b : runs) {
      const auto sharp_a = share_of_real(a, "sharpness"), sharp_b = share_of_real(b, "sharpness"),
                 near_a = share_of_real(a, "nearest_training_distance"),
                 near_b = share_of_real(b, "nearest_training_distance");
      if (!sharp_a || !sharp_b || !near_a || !near_b) continue;
      if (*sharp_a < *sharp_b * (1 - kAlike) && *near_a < *near_b * (1 - kAlike))
        return fmt::format(
            "So {0} is the more blurred one and closer to the data image by image, {1} the sharper one and less like "
            "it.",
            a.name, b.name);
      if (*sharp_a < *sharp_b * (1 - kAlike) && *near_a > *near_b * (1 + kAlike))
        return fmt::format(
            "So {0} is the more blurred one and farther from the data image by image, {1} the sharper one and nearer "
            "to it.",
            a.name, b.name);
    }
  return "";
}

bool has_likelihood(const Compared& run) {
  return std::ranges::any_of(run.evaluation.metrics, [](const Metric& m) {
    return m.name.ends_with("_nats") || m.name.starts_with("bits_per_");
  });
}

std::string likelihood_words(const std::vector<Compared>& runs) {
  std::vector<std::string> with, without;
  for (const Compared& run : runs) (has_likelihood(run) ? with : without).push_back(run.name);
  if (with.empty() || without.empty()) return "";
  return fmt::format("Only {} can say how probable a given image is; {} cannot.", listed(with), listed(without));
}

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

std::string cell_of(const Metric* metric) {
  if (!metric) return "–";
  return metric->spread ? fmt::format("{} ± {:.2g}", readable(metric->value), *metric->spread)
                        : readable(metric->value);
}

constexpr std::string_view kReal = "_real", kTrain = "_train", kBlurred = "_blurred";
bool is_ruler(std::string_view name) {
  return name.ends_with(kReal) || name.ends_with(kTrain) || name.ends_with(kBlurred);
}

/// What real images have, said in the last column.
std::string ruler_of(const Compared& run, const std::string& name) {
  std::vector<std::string> words;
  for (const auto& [suffix, what] :
       {std::pair{kReal, "unseen images"}, std::pair{kTrain, "training images"}, std::pair{kBlurred, "blurred images"}})
    if (const Metric* ruler = metric_of(run, name + std::string(suffix)))
      words.push_back(fmt::format("{} {}", what, readable(ruler->value)));
  return fmt::format("{}", fmt::join(words, ", "));
}

std::vector<std::string> names_of(const std::vector<Compared>& runs) {
  std::vector<std::string> names;
  for (const Compared& run : runs) names.push_back(run.name);
  return names;
}

std::string words_section(const std::vector<Compared>& runs) {
  std::string out;
  for (const std::string& sentence : said_by(runs)) out += fmt::format("<p>{}</p>\n", escaped(sentence));
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
  std::vector<std::string> heads{"Figure"}, ordered;
  for (const Compared& run : runs) {
    heads.push_back(run.name);
    for (const Metric& metric : run.evaluation.metrics)
      if (!is_ruler(metric.name) && std::ranges::find(ordered, metric.name) == ordered.end())
        ordered.push_back(metric.name);
  }
  heads.insert(heads.end(), {"Real images", "What it is"});
  std::vector<Row> rows;
  std::set<std::string> units;
  for (const std::string& name : ordered) {
    const Words words = words_of(name);
    Row row{.cells = {words.title}};
    std::string ruler;
    for (const Compared& run : runs) {
      row.cells.push_back(cell_of(metric_of(run, name)));
      if (ruler.empty()) ruler = ruler_of(run, name);
      if (const Metric* metric = metric_of(run, name)) units.insert(metric->unit);
    }
    row.cells.insert(row.cells.end(), {ruler, words.sentence});
    rows.push_back(std::move(row));
  }
  if (rows.empty()) return "";
  const Metric& any = *metric_of(
      *std::ranges::find_if(runs, [&](const Compared& run) { return metric_of(run, ordered[0]); }), ordered[0]);
  std::string how = fmt::format("<p class=\"note\">{} split, {}, seed {}.</p>\n", escaped(any.split),
                                counted(any.n, "image"), any.seed);
  for (const std::string& unit : units)
    if (unit.starts_with("features of"))
      how +=
          fmt::format("<p class=\"note\">Distances, precision, recall, density and coverage: {}.</p>\n", escaped(unit));
  return section("Figures",
                 "The same images, judge and seed for all; ± is a standard error, or what the last column says.",
                 "<div class=\"figures\">\n" + html_table(heads, rows) + "</div>\n" + how);
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

std::vector<std::string> said_by(const std::vector<Compared>& runs) {
  std::vector<std::string> sentences;
  for (const Compared& run : runs) {
    const auto sharp = share_of_real(run, "sharpness"), near = share_of_real(run, "nearest_training_distance");
    if (sharp && near)
      sentences.push_back(
          fmt::format("{} {}. {}.{}", run.name, sharpness_words(*sharp), nearness_words(*near), variety_words(run)));
  }
  for (std::string sentence : {opposites_words(runs), nearest_words(runs), likelihood_words(runs)})
    if (!sentence.empty()) sentences.push_back(std::move(sentence));
  return sentences;
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
  return {{"runs", all}, {"words", said_by(runs)}};
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
  body +=
      pictures_section(runs, "Nearest training images",
                       "Drawn images; below each the training image nearest in the features of the judge, and below "
                       "that the nearest by its pixels. Twins would be copies.",
                       neighbours_of, "stack", 980);
  body += costs_section(runs) + remarks_section(runs);
  return html_page(title, body + fmt::format("</main>\n<footer>Written by figment {}. This page is one file and loads "
                                             "nothing from elsewhere.</footer>",
                                             kVersion));
}

}  // namespace figment
