#include "cli/pictures.h"

#include <fmt/format.h>

#include <cstdio>

#include "figment/base/error.h"
#include "figment/base/text.h"
#include "figment/base/version.h"
#include "figment/media/sheet.h"
#include "figment/records/run_folder.h"

namespace figment::cli {

void add_png(CLI::App& app, std::filesystem::path& file) {
  app.add_option("-o,--output", file, "the picture, a PNG")->type_name("FILE")->capture_default_str();
}

std::map<std::string, std::string> text_of(const OpenedRun& run, std::optional<int64_t> seed) {
  // The run by its name alone: a copy of the run in another folder draws files of the same bytes.
  const std::string name = run.path().lexically_relative(RunFolder(run.path()).out()).string();
  std::map<std::string, std::string> text = {
      {"run", name}, {"model", run.model()}, {"weights", run.weights_hash()}, {"version", kVersion}};
  if (seed) text["seed"] = std::to_string(*seed);
  return text;
}

void show_pictures(const OpenedRun& run, const std::vector<Image>& images, int64_t columns,
                   const std::filesystem::path& file, std::optional<int64_t> seed, bool json,
                   const std::vector<std::string>& names) {
  const std::map<std::string, std::string> text = text_of(run, seed);
  save_png(file, sheet(images, columns, names), text);
  if (json) {
    Json document = {{"file", file.string()}, {"images", images.size()}};
    for (const auto& [key, value] : text) document[key] = value;
    document["run"] = run.path().string();
    if (seed) document["seed"] = *seed;
    print_json(document);
  } else {
    print_line(stdout, file.string());
  }
}

void expect_room(const OpenedRun& run, int64_t count, int64_t columns, bool named) {
  const auto picture = run.picture_sides();
  if (!picture) return;
  const GridSides sides = sheet_layout(count, columns, picture->first, picture->second, named).sides;
  if (sides.width > kMostPixels / sides.height)
    throw ConfigError(
        fmt::format("{} of {} x {} pixels make a sheet of {} x {}, and at most {} pixels are written; ask "
                    "for fewer",
                    counted(count, "picture"), picture->first, picture->second, sides.width, sides.height,
                    with_commas(kMostPixels)));
}

std::vector<Image> joined(std::vector<std::vector<Image>> rows) {
  std::vector<Image> all;
  for (auto& row : rows)
    for (Image& image : row) all.push_back(std::move(image));
  return all;
}

}  // namespace figment::cli
