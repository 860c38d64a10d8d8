#include <algorithm>

#include "cli/engine.h"
#include "cli/pictures.h"
#include "cli/verbs.h"

namespace figment::cli {

Verb interpolate(CLI::App& program) {
  CLI::App* app = program.add_subcommand("interpolate", "interpolate between codes, one row per pair");
  auto argument = std::make_shared<RunArgument>();
  auto common = std::make_shared<Common>();
  auto request = std::make_shared<InterpolateRequest>();
  auto files = std::make_shared<std::vector<std::string>>();
  auto file = std::make_shared<std::filesystem::path>("interpolations.png");
  add_trained_run(*app, *argument);
  app->add_option("IMAGE", *files, "picture files, a row from each to the next; none: held-out examples of the run")
      ->type_name("");
  app->add_option("--rows", request->rows, "largest number of rows; each row uses two held-out examples")
      ->check(CLI::Range(1, 256).description(""))
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--steps", request->steps, "pictures of a row, ends included")
      ->check(CLI::Range(2, 256).description(""))
      ->type_name("N")
      ->capture_default_str();
  add_png(*app, *file);
  add_common(*app, *common, {.seed = "chooses the pairs of images"});
  app->footer(
      "Examples\n"
      "  figment interpolate last -o ways.png\n"
      "  figment interpolate last boot.png bag.png -o ways.png\n"
      "  figment interpolate 3 --rows 4 --steps 16 --seed 5 -o ways.png");
  return {app, [=] {
            expect_output(*file, ".png");
            request->seed = common->seed.value_or(request->seed);
            const auto run = open_run(*common, *argument);
            for (const std::string& name : *files) request->images.push_back(run->read_picture(name));
            const auto rows = files->empty() ? request->rows : int64_t(files->size()) - 1;
            expect_room(*run, std::max<int64_t>(rows, 1) * request->steps, request->steps);
            show_pictures(*run, joined(run->interpolate(*request)), request->steps, *file, request->seed, common->json);
          }};
}

}  // namespace figment::cli
