#include "cli/engine.h"
#include "cli/pictures.h"
#include "cli/verbs.h"

namespace figment::cli {

Verb interpolate(CLI::App& program) {
  CLI::App* app = program.add_subcommand("interpolate", "interpolate between codes, one row per pair");
  auto argument = std::make_shared<RunArgument>();
  auto common = std::make_shared<Common>();
  auto request = std::make_shared<InterpolateRequest>();
  auto file = std::make_shared<std::filesystem::path>("interpolations.png");
  add_run(*app, *argument);
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
      "  figment interpolate 3 --rows 4 --steps 16 --seed 5 -o ways.png");
  return {app, [=] {
            expect_extension(*file, ".png");
            request->seed = common->seed.value_or(request->seed);
            const auto run = open_run(*common, *argument);
            show_pictures(*run, joined(run->interpolate(*request)), request->steps, *file, request->seed, common->json);
          }};
}

}  // namespace figment::cli
