#include "cli/pictures.h"

#include <cstdio>

#include "figment/base/version.h"
#include "figment/media/grid.h"

namespace figment::cli {

void add_png(CLI::App& app, std::filesystem::path& file) {
  app.add_option("-o,--output", file, "the picture, a PNG")->type_name("FILE")->capture_default_str();
}

void show_pictures(const OpenedRun& run, const std::vector<Image>& images, int64_t columns,
                   const std::filesystem::path& file, std::optional<int64_t> seed, bool json) {
  std::map<std::string, std::string> text = {
      {"run", run.path().string()}, {"model", run.model()}, {"weights", run.weights_hash()}, {"version", kVersion}};
  if (seed) text["seed"] = std::to_string(*seed);
  save_png(file, grid(images, columns), text);
  if (json) {
    Json document = {{"file", file.string()}, {"images", images.size()}};
    for (const auto& [key, value] : text) document[key] = value;
    if (seed) document["seed"] = *seed;
    print_json(document);
  } else {
    std::printf("%s\n", file.c_str());
  }
}

std::vector<Image> joined(std::vector<std::vector<Image>> rows) {
  std::vector<Image> all;
  for (auto& row : rows)
    for (Image& image : row) all.push_back(std::move(image));
  return all;
}

}  // namespace figment::cli
