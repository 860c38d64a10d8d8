#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "figment/base/text.h"
#include "figment/pages/page.h"
#include "figment/pages/report_sections.h"
#include "figment/pages/report_words.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

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
      "<div class=\"earlier\"><h3>Earlier samples (upper left part of each sheet)</h3><div "
      "class=\"strip\">\n{}</div></div>\n",
      out);
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

constexpr std::array kLatent = {"interpolation", "traversal"};
constexpr std::array kElsewhere = {"samples", "neighbours", "reconstructions", "interpolation", "traversal"};

}  // namespace

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

std::string latent_section(const RunRecord& run) {
  std::string out;
  for (const char* name : kLatent) out += exhibit(run, name);
  return section("Latent space",
                 "Each row changes the code in small steps and draws every step. Smooth rows mean that nearby codes "
                 "are similar images.",
                 stacked(out));
}

std::string exhibits_section(const RunRecord& run) {
  std::string out;
  for (const auto& [name, pictures] : run.pictures)
    if (std::ranges::find(kElsewhere, name) == kElsewhere.end()) out += exhibit(run, name);
  return section("Inside the model", "Pictures of the model's internal values, computed on examples.", stacked(out));
}

}  // namespace figment
