#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <set>

#include "figment/base/text.h"
#include "figment/pages/page.h"
#include "figment/pages/report_sections.h"
#include "figment/pages/report_words.h"

namespace figment {
namespace {

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
                     {"unit", unit_of(name, run.data)},
                     {"split", "validation"},
                     {"n", find(run.manifest, {"data", "validation"})}};
  }
  return metrics;
}

/// Which weights were measured; nothing where the figures do not say it.
std::string checkpoint_of(const RunRecord& run) {
  const std::optional<int64_t> images = integer_of(find(run.evaluation, {"checkpoint"}));
  return images ? fmt::format(", with the checkpoint after {}", counted(*images, "image")) : "";
}

}  // namespace

std::string results_section(const RunRecord& run) {
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
      test ? fmt::format("Measured by figment evaluate on images that training never saw{}, with the split, count and "
                         "seed beside each figure.",
                         checkpoint_of(run))
           : "The last scores on images put aside from training; figment evaluate measures on the test images.",
      cards);
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

}  // namespace figment
