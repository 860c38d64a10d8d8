#include "cli/engine.h"
#include "cli/pictures.h"
#include "cli/verbs.h"

namespace figment::cli {
namespace {
constexpr int64_t kColumns = 8;
}  // namespace

Verb reconstruct(CLI::App& program) {
  CLI::App* app = program.add_subcommand("reconstruct", "show images beside their reconstructions");
  auto argument = std::make_shared<RunArgument>();
  auto common = std::make_shared<Common>();
  auto files = std::make_shared<std::vector<std::string>>();
  auto count = std::make_shared<int64_t>(32);
  auto file = std::make_shared<std::filesystem::path>("reconstructions.png");
  add_trained_run(*app, *argument);
  app->add_option("IMAGE", *files, "files of images; none: held-out examples kept in the run")->type_name("");
  app->add_option("-n,--count", *count, "held-out examples")
      ->check(CLI::Range(1, 64).description(""))
      ->type_name("N")
      ->capture_default_str();
  add_png(*app, *file);
  add_common(*app, *common);
  app->footer(
      "Examples\n"
      "  figment reconstruct last -o reconstructions.png\n"
      "  figment reconstruct 3 shoe.png coat.jpg -o mine.png");
  return {app, [=] {
            expect_output(*file, ".png");
            std::vector<Image> given;
            const auto run = open_run(*common, *argument);
            for (const std::string& name : *files) given.push_back(run->read_picture(name));
            expect_room(*run, 2 * (files->empty() ? *count : int64_t(files->size())), kColumns);
            std::vector<std::vector<Image>> pairs;
            for (auto& [image, reconstruction] : run->reconstruct(given, *count))
              pairs.push_back({std::move(image), std::move(reconstruction)});
            show_pictures(*run, joined(std::move(pairs)), kColumns, *file, std::nullopt, common->json);
          }};
}

}  // namespace figment::cli
