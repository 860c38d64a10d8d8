#include "cli/engine.h"
#include "cli/pictures.h"
#include "cli/verbs.h"

namespace figment::cli {

Verb traverse(CLI::App& program) {
  CLI::App* app = program.add_subcommand("traverse", "one number of the code changes, all others stay: a row each");
  auto argument = std::make_shared<RunArgument>();
  auto common = std::make_shared<Common>();
  auto dimension = std::make_shared<int64_t>(-1), rows = std::make_shared<int64_t>(10),
       steps = std::make_shared<int64_t>(11);
  auto span = std::make_shared<double>(3);
  auto file = std::make_shared<std::filesystem::path>("traversals.png");
  add_run(*app, *argument);
  app->add_option("-d,--dimension", *dimension, "the number that changes, from 0; none: the most active ones")
      ->check(CLI::Range(0, 1 << 20).description(""))
      ->type_name("D");
  app->add_option("--rows", *rows, "most numbers shown, without -d")
      ->check(CLI::Range(1, 256).description(""))
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--steps", *steps, "pictures of a row")
      ->check(CLI::Range(2, 256).description(""))
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--span", *span, "from -S to +S standard deviations")
      ->check(CLI::Range(0.01, 100.0).description(""))
      ->type_name("S")
      ->capture_default_str();
  add_png(*app, *file);
  add_common(*app, *common, {.seed = "chooses the examples"});
  app->footer(
      "Examples\n"
      "  figment traverse last -o traversals.png\n"
      "  figment traverse 3 -d 7 --span 4 -o seven.png");
  return {app, [=] {
            expect_extension(*file, ".png");
            const int64_t seed = common->seed.value_or(DrawRequest{}.seed);
            const auto run = open_run(*common, *argument);
            show_pictures(*run, joined(run->traverse(*dimension, *rows, *steps, *span, seed)), *steps, *file, seed,
                          common->json);
          }};
}

}  // namespace figment::cli
