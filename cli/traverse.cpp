#include "cli/engine.h"
#include "cli/pictures.h"
#include "cli/verbs.h"

namespace figment::cli {

Verb traverse(CLI::App& program) {
  CLI::App* app = program.add_subcommand("traverse", "latent traversal: each row changes one latent dimension");
  auto argument = std::make_shared<RunArgument>();
  auto common = std::make_shared<Common>();
  auto request = std::make_shared<TraverseRequest>();
  auto file = std::make_shared<std::filesystem::path>("traversals.png");
  add_trained_run(*app, *argument);
  app->add_option("-d,--dimension", request->dimension,
                  "the latent dimension that changes, from 0; none: the most active ones")
      ->check(CLI::Range(0, 1 << 20).description(""))
      ->type_name("D");
  app->add_option("--rows", request->rows, "largest number of dimensions shown when -d is not given")
      ->check(CLI::Range(1, 256).description(""))
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--steps", request->steps, "pictures of a row")
      ->check(CLI::Range(2, 256).description(""))
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--span", request->span, "from -S to +S standard deviations")
      ->check(CLI::Range(0.01, 100.0).description(""))
      ->type_name("S")
      ->capture_default_str();
  add_png(*app, *file);
  add_common(*app, *common, {.seed = "chooses the example"});
  app->footer(
      "Examples\n"
      "  figment traverse last -o traversals.png\n"
      "  figment traverse 3 -d 7 --span 4 -o seven.png");
  return {app, [=] {
            expect_output(*file, ".png");
            request->seed = common->seed.value_or(request->seed);
            const auto run = open_run(*common, *argument);
            expect_room(*run, (request->dimension < 0 ? request->rows : 1) * request->steps, request->steps);
            show_pictures(*run, joined(run->traverse(*request)), request->steps, *file, request->seed, common->json);
          }};
}

}  // namespace figment::cli
