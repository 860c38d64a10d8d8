#include "figment/runs/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/text.h"
#include "figment/base/version.h"
#include "figment/runs/page.h"
#include "figment/runs/report_sections.h"
#include "figment/runs/report_words.h"
#include "figment/runs/svg.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

std::string fact(std::string_view name, std::string_view value, std::string_view classes = "") {
  if (value.empty()) return "";
  return fmt::format("<div><dt>{}</dt><dd class=\"{}\">{}</dd></div>\n", name, classes, escaped(value));
}

std::string state_fact(const RunRecord& run) {
  if (finish_of(run))
    return fact("State", fmt::format("Finished after {}", counted(images_seen(run), "image")), "state finished");
  const std::string seen = with_commas(images_seen(run));
  int64_t length = 0;
  const std::string planned = setting(part_of(run.recipe, "training"), "images");
  if (std::from_chars(planned.data(), planned.data() + planned.size(), length).ec != std::errc())
    return fact("State", fmt::format("Stopped at {} images", seen), "state");
  return fact("State", fmt::format("Stopped at {} of {}", seen, counted(length, "image")), "state");
}

std::string image_fact(const RunRecord& run) {
  const Json& codes = find(run.data, {"codes"});
  const Json& grid = codes.is_object() ? codes : find(run.data, {"pixels"});
  if (!grid.is_object()) return "";
  std::string text = fmt::format("{} × {}", spoken(find(grid, {"width"})), spoken(find(grid, {"height"})));
  if (codes.is_object()) text += fmt::format(" codes of {}", spoken(find(codes, {"num_codes"})));
  const std::string channels = spoken(find(grid, {"channels"}));
  text += channels == "1" ? ", grey" : channels == "3" ? ", colour" : "";
  const Json& names = find(run.data, {"condition", "label", "names"});
  if (names.is_array() && !names.empty())
    text += fmt::format(", {} {}", names.size(), names.size() == 1 ? "class" : "classes");
  return text;
}

std::string head_of(const RunRecord& run) {
  const ModelCard* card = card_of(run);
  std::string title = spoken(find(run.manifest, {"title"}));
  if (title.empty()) title = card ? std::string(card->card.title) : model_id(run);
  if (title.empty()) title = "A run";
  std::string out = fmt::format("<header>\n<p class=\"eyebrow\">figment · {}</p>\n<h1>{}</h1>\n",
                                escaped(folder_name(run)), escaped(title));
  if (card) out += fmt::format("<p class=\"summary\">{}</p>\n", escaped(card->card.summary));
  out += "<dl class=\"facts\">\n" + state_fact(run);
  if (const Event* finish = finish_of(run)) out += fact("Time", duration(finish->value));
  const Json& parameters = find(run.manifest, {"parameters"});
  out += fact("Parameters", spoken(parameters.is_object() ? find(parameters, {"count"}) : parameters));
  out += fact("Data", spoken(find(run.manifest, {"data", "source"})));
  out += fact("Training images", spoken(find(run.manifest, {"data", "train"}))) + fact("Each image", image_fact(run));
  return out + "</dl>\n</header>\n";
}

std::string metric_card(std::string_view name, const Json& metric) {
  const Words words = words_of(name);
  const std::string value = spoken(find(metric, {"value"})), unit = spoken(find(metric, {"unit"})),
                    spread = spoken(find(metric, {"spread"}));
  std::vector<std::string> how;
  if (const std::string split = spoken(find(metric, {"split"})); !split.empty()) how.push_back(split + " split");
  if (const std::string n = spoken(find(metric, {"n"})); !n.empty()) how.push_back(n + " images");
  if (const std::string seed = exact(find(metric, {"seed"})); !seed.empty()) how.push_back("seed " + seed);
  if (!spread.empty()) how.push_back("± " + spread);
  return fmt::format(
      "<div class=\"card\"><h3>{}</h3><p class=\"value\">{} <small>{}</small></p><p>{}</p><p "
      "class=\"how\">{}</p></div>\n",
      escaped(words.title), value.empty() ? "–" : escaped(value), escaped(unit), escaped(words.sentence),
      escaped(fmt::format("{}", fmt::join(how, " · "))));
}

/// The last score on the validation part, in the form of evaluation.json.
Json last_validation(const RunRecord& run) {
  Json metrics = Json::object();
  for (const Event& event : run.events) {
    constexpr std::string_view prefix = "validation/";
    if (event.kind != Event::Kind::kScalar || !event.name.starts_with(prefix)) continue;
    const std::string name = event.name.substr(prefix.size());
    metrics[name] = {{"value", event.value},
                     {"unit", unit_of(name)},
                     {"split", "validation"},
                     {"n", find(run.manifest, {"data", "validation"})}};
  }
  return metrics;
}

std::string metrics_section(const RunRecord& run) {
  const Json& evaluated = find(run.evaluation, {"metrics"});
  const bool test = evaluated.is_object() && !evaluated.empty();
  std::string cards;
  for (const Json& metrics = test ? evaluated : last_validation(run); const auto& [name, metric] : metrics.items())
    cards += metric_card(name, metric);
  if (!cards.empty()) cards = "<div class=\"cards\">\n" + cards + "</div>\n";
  std::string left_out;
  if (const Json& reasons = find(run.evaluation, {"left_out"}); reasons.is_array())
    for (const Json& reason : reasons) left_out += fmt::format("<li>{}</li>", escaped(spoken(reason)));
  if (!left_out.empty())
    cards += fmt::format("<p class=\"note\">Not measured:</p><ul class=\"plain\">{}</ul>\n", left_out);
  return section(
      "Results",
      test ? "Measured by figment evaluate on images that training never saw, with the split, count and seed beside "
             "each figure."
           : "The last scores on images put aside from training; figment evaluate measures on the test images.",
      cards);
}

using Pictures = std::map<int64_t, fs::path>;  // by images seen

/// The newest picture of a kind about `wish` pixels wide; "" where there is none.
std::string newest(const Pictures& pictures, std::string_view what, int64_t wish) {
  if (pictures.empty()) return "";
  const auto& [images, path] = *pictures.rbegin();
  const std::string caption = fmt::format("{} after {}", what, counted(images, "image"));
  const std::string img = picture(path, caption, wish);
  return img.empty() ? "" : fmt::format("<figure>{}<figcaption>{}</figcaption></figure>\n", img, escaped(caption));
}

/// A strip of at most `most` pictures from before the newest, evenly chosen, the first among them.
std::string strip(const Pictures& pictures, size_t most) {
  if (pictures.empty()) return "";
  const std::vector<std::pair<int64_t, fs::path>> earlier(pictures.begin(), std::prev(pictures.end()));
  std::string out;
  const size_t count = std::min(most, earlier.size());
  for (size_t i = 0; i < count; ++i) {
    const auto& [images, path] = earlier[count == 1 ? 0 : i * (earlier.size() - 1) / (count - 1)];
    const std::string when = counted(images, "image");
    if (const std::string img = picture(path, fmt::format("after {}", when), 480); !img.empty())
      out += fmt::format("<figure><div class=\"corner\">{}</div><figcaption>{}</figcaption></figure>\n", img, when);
  }
  if (out.empty()) return "";
  return fmt::format(
      "<div class=\"earlier\"><h3>Earlier, their upper left corners</h3><div class=\"strip\">\n{}</div></div>\n", out);
}

const Pictures& pictures_of(const RunRecord& run, const std::string& name) {
  static const Pictures none;
  const auto found = run.pictures.find(name);
  return found == run.pictures.end() ? none : found->second;
}

std::string stacked(const std::string& figures) {
  return figures.empty() ? "" : "<div class=\"stack\">\n" + figures + "</div>\n";
}

/// A picture under its title, with what it shows; "" where there is none.
std::string exhibit(const RunRecord& run, const std::string& name) {
  std::string shown = newest(pictures_of(run, name), words_of(name).title, 640);
  const auto caption = run.captions.find(name);
  if (shown.empty() || caption == run.captions.end() || caption->second.empty()) return shown;
  return shown + fmt::format("<p class=\"note\">{}</p>\n", escaped(caption->second));
}

std::string samples_section(const RunRecord& run) {
  const Pictures& pictures = pictures_of(run, "samples");
  const std::string shown = newest(pictures, "Drawn", 500) + strip(pictures, 6);
  return section(
      "Samples",
      "New images, drawn by the model from random numbers. The numbers stay the same throughout: what "
      "changes from picture to picture is the model.",
      (shown.empty() ? "" : "<div class=\"show\">\n" + shown + "</div>\n") + stacked(exhibit(run, "neighbours")));
}

std::string reconstructions_section(const RunRecord& run) {
  return section("Reconstructions",
                 "Rows of images that training never saw, and below each row what the model makes of it: squeezed into "
                 "a code and drawn again from the code alone.",
                 newest(pictures_of(run, "reconstructions"), "Images and their reconstructions", 980));
}

constexpr std::array kWalks = {"interpolation", "traversal"};
constexpr std::array kElsewhere = {"samples", "neighbours", "reconstructions", "interpolation", "traversal"};

std::string latent_section(const RunRecord& run) {
  std::string out;
  for (const char* name : kWalks) out += exhibit(run, name);
  return section("Latent space",
                 "Each row changes the code in small steps and draws every step. Smooth rows mean that nearby codes "
                 "are similar images.",
                 stacked(out));
}

std::string exhibits_section(const RunRecord& run) {
  std::string out;
  for (const auto& [name, pictures] : run.pictures)
    if (std::ranges::find(kElsewhere, name) == kElsewhere.end()) out += exhibit(run, name);
  return section("Inside the model", "What the model's parts hold, shown on examples.", stacked(out));
}

std::string warnings_section(const RunRecord& run) {
  std::vector<std::pair<std::string, std::string>> all;  // sentence, when
  std::set<std::string> said;
  for (const Event& event : run.events)
    if (event.kind == Event::Kind::kWarning && said.insert(event.text).second)
      all.emplace_back(event.text, fmt::format("after {}", counted(event.images, "image")));
  if (const Json& warnings = find(run.evaluation, {"warnings"}); warnings.is_array())
    for (const Json& warning : warnings) all.emplace_back(spoken(warning), "when evaluated");
  for (const std::string& problem : run.problems) all.emplace_back(problem, "while this page was written");
  std::string out;
  for (const auto& [sentence, when] : all)
    out += fmt::format("<li>{} <small>({})</small></li>\n", escaped(sentence), escaped(when));
  return section("Warnings", "What figment noticed and thinks you should know.",
                 out.empty() ? "" : "<ul class=\"warnings\">\n" + out + "</ul>\n");
}

}  // namespace

void write_report(const fs::path& run_folder) {
  const RunRecord run = read_record(run_folder);
  std::string body = head_of(run) + "<main>\n";
  for (const auto& part :
       {metrics_section, samples_section, reconstructions_section, latent_section, exhibits_section, curves_section,
        series_section, warnings_section, options_section, commands_section, provenance_section})
    body += part(run);
  body += fmt::format(
      "</main>\n<footer>Written by figment {}. This page is one file and loads nothing from elsewhere.</footer>",
      kVersion);
  write_file(run_folder / "report.html", html_page(fmt::format("{} · figment", folder_name(run)), body));
}

}  // namespace figment
