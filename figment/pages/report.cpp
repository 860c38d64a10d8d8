#include "figment/pages/report.h"

#include <fmt/format.h>

#include <array>

#include "figment/base/file.h"
#include "figment/base/text.h"
#include "figment/pages/page.h"
#include "figment/pages/report_sections.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

/// The layout: sections from top to bottom, below the head.
constexpr std::array kSections = {results_section,  samples_section, reconstructions_section, latent_section,
                                  exhibits_section, curves_section,  series_section,          warnings_section,
                                  data_section,     options_section, commands_section,        provenance_section};

std::string fact(std::string_view name, std::string_view value, std::string_view classes = "") {
  if (value.empty()) return "";
  return fmt::format("<div><dt>{}</dt><dd class=\"{}\">{}</dd></div>\n", name, classes, escaped(value));
}

std::string state_fact(const RunRecord& run) {
  if (finish_of(run))
    return fact("State", fmt::format("Finished after {}", counted(images_seen(run), "image")), "state finished");
  const std::string seen = with_commas(images_seen(run));
  const std::string_view state = run.running ? "In training when this page was written, at" : "Stopped at";
  const auto planned = planned_images(run);
  return fact("State",
              fmt::format("{} {}", state, planned ? seen + " of " + counted(*planned, "image") : seen + " images"),
              "state");
}

std::string head_of(const RunRecord& run) {
  const ModelCard* card = card_of(run);
  std::string title = spoken(find(run.manifest, {"title"}));
  if (title.empty()) title = card ? std::string(card->card.title) : model_id(run);
  if (title.empty()) title = "A run";
  std::string out = fmt::format("<header>\n<p class=\"eyebrow\">figment · {}</p>\n<h1>{}</h1>\n",
                                escaped(folder_name(run)), escaped(title));
  if (card) out += fmt::format("<p class=\"summary\">{}</p>\n", escaped(card->card.summary));
  if (!run.note.empty()) out += fmt::format("<p class=\"summary\">{}</p>\n", escaped(run.note));
  out += "<dl class=\"facts\">\n" + state_fact(run);
  if (const Event* finish = finish_of(run)) out += fact("Time", duration(finish->value));
  const Json& parameters = find(run.manifest, {"parameters"});
  out += fact("Parameters", spoken(parameters.is_object() ? find(parameters, {"count"}) : parameters));
  out += fact("Data", spoken(find(run.manifest, {"data", "source"})));
  out += fact("Training images", spoken(find(run.manifest, {"data", "train"}))) + fact("Each image", image_words(run));
  return out + "</dl>\n</header>\n";
}

}  // namespace

std::string report_page(const RunRecord& run) {
  std::string body = head_of(run) + "<main>\n";
  for (const auto& part : kSections) body += part(run);
  body += "</main>";
  return html_page(fmt::format("{} · figment", folder_name(run)), body);
}

void write_report(const fs::path& run_folder, bool ends_now) {
  RunRecord record = read_record(run_folder);
  if (ends_now) record.running = false;
  write_file(run_folder / "report.html", report_page(record));
}

}  // namespace figment
