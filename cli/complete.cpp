#include "cli/engine.h"
#include "cli/pictures.h"
#include "cli/verbs.h"

namespace figment::cli {

Verb complete(CLI::App& program) {
  CLI::App* app = program.add_subcommand("complete", "keep the upper rows of images and draw the lower rows anew");
  auto argument = std::make_shared<RunArgument>();
  auto common = std::make_shared<Common>();
  auto request = std::make_shared<CompleteRequest>();
  auto files = std::make_shared<std::vector<std::string>>();
  auto file = std::make_shared<std::filesystem::path>("completions.png");
  add_trained_run(*app, *argument);
  app->add_option("IMAGE", *files, "files of images; none: held-out examples kept in the run")->type_name("");
  app->add_option("-n,--count", request->count, "held-out examples")
      ->check(CLI::Range(1, 64).description(""))
      ->type_name("N")
      ->capture_default_str();
  app->add_option("--keep", request->keep, "share of the rows that are kept, from the top")
      ->check(CLI::Range(0.0, 1.0).description(""))
      ->type_name("SHARE")
      ->capture_default_str();
  app->add_option("--draws", request->draws, "completions of each image")
      ->check(CLI::Range(1, 64).description(""))
      ->type_name("N")
      ->capture_default_str();
  add_given(*app, request->given, &GivenKind::when_completing);
  add_png(*app, *file);
  const FieldOptions options(*app, &request->options, kFields<SampleOptions>);
  add_common(*app, *common, {.seed = "each completion has a seed of its own, from N on"});
  app->footer(
      "Each row of the picture: an image, its upper part, and its completions. With a prior over codes, rows of codes "
      "are kept, not rows of pixels.\n"
      "Examples\n"
      "  figment complete last -o completions.png\n"
      "  figment complete 3 shoe.png --keep 0.3 --draws 10 --class sneaker -o shoes.png");
  return {app, [=] {
            expect_output(*file, ".png");
            options.read_into(&request->options);
            if (common->seed) request->seed = *common->seed;
            request->go_on = progress_bar("drawing");
            const auto run = open_run(*common, *argument);
            for (const std::string& name : *files) request->images.push_back(run->read_picture(name));
            const int64_t rows = files->empty() ? request->count : int64_t(files->size()), columns = 2 + request->draws;
            expect_room(*run, rows * columns, columns);
            const auto drawn = run->complete(*request);
            show_pictures(*run, joined(drawn), columns, *file, request->seed, common->json);
          }};
}

}  // namespace figment::cli
