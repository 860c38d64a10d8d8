#include <fmt/format.h>

#include <cmath>
#include <cstdio>

#include "cli/console.h"
#include "cli/engine.h"
#include "cli/pictures.h"
#include "cli/verbs.h"
#include "figment/base/error.h"
#include "figment/base/file.h"

namespace figment::cli {
namespace {

/// One file per image, written as they are drawn: their number is bounded by the disk alone.
void write_files(OpenedRun& run, DrawRequest request, const std::filesystem::path& folder, bool json) {
  constexpr int64_t kTogether = 1000;
  if (!run.picture_sides())
    throw ConfigError("sample: --files writes images; this run draws points, which one picture shows; leave it out");
  make_folder(folder);
  if (!entries_of(folder).empty())
    throw FileError(fmt::format("--files {}: the folder is not empty; name an empty or a new one", folder.string()));
  const int64_t all = request.count;
  const Progress bar = request.go_on;
  for (request.first = 0; request.first < all; request.first += kTogether) {
    request.count = std::min(kTogether, all - request.first);
    const auto share = [&](int64_t images) { return double(images) / double(all); };
    request.go_on = part_of_progress(bar, share(request.first), share(request.first + request.count));
    const auto images = run.sample(request);
    const std::vector<std::string> classes = run.classes(request);
    for (size_t i = 0; i < images.size(); ++i) {
      std::map<std::string, std::string> text = text_of(run, request.seed + request.first + int64_t(i));
      if (i < classes.size()) text["class"] = classes[i];
      write_file(folder / fmt::format("{:06}.png", request.first + int64_t(i)), encode_png(images[i], text));
    }
  }
  if (json)
    print_json({{"folder", folder.string()}, {"images", all}, {"run", run.path().string()}, {"seed", request.seed}});
  else
    print_line(stdout, folder.string());
}

}  // namespace

Verb sample(CLI::App& program) {
  CLI::App* app = program.add_subcommand("sample", "draw new images from a run");
  auto argument = std::make_shared<RunArgument>();
  auto common = std::make_shared<Common>();
  auto request = std::make_shared<DrawRequest>();
  auto file = std::make_shared<std::filesystem::path>("samples.png");
  auto folder = std::make_shared<std::filesystem::path>();
  add_trained_run(*app, *argument);
  app->add_option("-n,--count", request->count, "images")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 20).description(""))
      ->type_name("N")
      ->capture_default_str();
  add_png(*app, *file);
  app->add_option("--files", *folder,
                  "a folder for one PNG per image, 000000.png and so on, in place of one picture of all")
      ->excludes(app->get_option("--output"))
      ->type_name("DIR");
  add_given(*app, request->given, &GivenKind::when_drawing);
  const FieldOptions options(*app, &request->options, kFields<SampleOptions>);
  add_common(*app, *common, {.seed = "image i uses N + i: it looks the same alone and in a grid"});
  app->footer(
      "Examples\n"
      "  figment sample last -n 64 -o samples.png\n"
      "  figment sample 3 -n 10 --temperature 0.8 --seed 7 -o calm.png\n"
      "  figment sample runs/3 -n 16 --class bag -o bags.png\n"
      "  figment sample last -n 10000 --files drawn");
  return {app, [=] {
            if (folder->empty()) expect_output(*file, ".png");
            options.read_into(&request->options);
            if (common->seed) request->seed = *common->seed;
            request->go_on = progress_bar("drawing");
            const auto run = open_run(*common, *argument);
            if (!folder->empty()) return write_files(*run, *request, *folder, common->json);
            const auto columns = int64_t(std::ceil(std::sqrt(double(request->count))));
            const bool named = !run->classes({.count = 1, .given = request->given}).empty();
            expect_room(*run, request->count, columns, named);
            const std::vector<Image> images = run->sample(*request);
            show_pictures(*run, images, columns, *file, request->seed, common->json, run->classes(*request));
          }};
}

}  // namespace figment::cli
