#include <cmath>

#include "cli/engine.h"
#include "cli/pictures.h"
#include "cli/verbs.h"

namespace figment::cli {

Verb sample(CLI::App& program) {
  CLI::App* app = program.add_subcommand("sample", "draw new images from a run");
  auto argument = std::make_shared<RunArgument>();
  auto common = std::make_shared<Common>();
  auto request = std::make_shared<DrawRequest>();
  auto file = std::make_shared<std::filesystem::path>("samples.png");
  add_run(*app, *argument);
  app->add_option("-n,--count", request->count, "images")
      ->check(CLI::Range(int64_t(1), int64_t(1) << 20).description(""))
      ->type_name("N")
      ->capture_default_str();
  add_png(*app, *file);
  add_given(*app, request->given, &GivenKind::when_drawing);
  const FieldOptions options(*app, &request->options, kFields<SampleOptions>);
  add_common(*app, *common, {.seed = "image i uses N + i: it looks the same alone and in a grid"});
  app->footer(
      "Examples\n"
      "  figment sample last -n 64 -o samples.png\n"
      "  figment sample 3 -n 10 --temperature 0.8 --seed 7 -o calm.png\n"
      "  figment sample runs/3 -n 16 --class bag -o bags.png");
  return {app, [=] {
            expect_extension(*file, ".png");
            options.read_into(&request->options);
            if (common->seed) request->seed = *common->seed;
            request->go_on = progress_bar("drawing");
            const auto run = open_run(*common, *argument);
            const auto images = run->sample(*request);
            show_pictures(*run, images, int64_t(std::ceil(std::sqrt(double(images.size())))), *file, request->seed,
                          common->json);
          }};
}

}  // namespace figment::cli
