#include "cli/engine.h"
#include "cli/pictures.h"
#include "cli/verbs.h"

namespace figment::cli {

Verb interpolate(CLI::App& program) {
  CLI::App* app = program.add_subcommand("interpolate", "the way from one code to another, a row each");
  auto argument = std::make_shared<RunArgument>();
  auto common = std::make_shared<Common>();
  auto rows = std::make_shared<int64_t>(8), steps = std::make_shared<int64_t>(10);
  auto file = std::make_shared<std::filesystem::path>("interpolations.png");
  add_run(*app, *argument);
  app->add_option("--rows", *rows, "most ways; each needs two of the held-out examples that the run keeps")
      ->check(CLI::Range(1, 256).description(""))
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--steps", *steps, "pictures of a way, ends included")
      ->check(CLI::Range(2, 256).description(""))
      ->type_name("N")
      ->capture_default_str();
  add_png(*app, *file);
  add_common(*app, *common, {.seed = "chooses the ends"});
  app->footer(
      "Examples\n"
      "  figment interpolate last -o ways.png\n"
      "  figment interpolate 3 --rows 4 --steps 16 --seed 5 -o ways.png");
  return {app, [=] {
            expect_extension(*file, ".png");
            const int64_t seed = common->seed.value_or(DrawRequest{}.seed);
            const auto run = open_run(*common, *argument);
            show_pictures(*run, joined(run->interpolate(*rows, *steps, seed)), *steps, *file, seed, common->json);
          }};
}

}  // namespace figment::cli
