#include <cstdio>

#include "cli/console.h"
#include "cli/engine.h"
#include "cli/recipe.h"
#include "cli/verbs.h"
#include "figment/base/error.h"
#include "figment/base/machine.h"

namespace figment::cli {

Verb resume(CLI::App& program) {
  CLI::App* app = program.add_subcommand("resume", "continue a training to the same bytes as if it had never stopped");
  auto argument = std::make_shared<RunArgument>();
  auto common = std::make_shared<Common>();
  add_run(*app, *argument);
  add_common(*app, *common, {.seed = "refused: a run keeps its own", .threads = "refused: a run keeps its own"});
  app->footer(
      "Examples\n"
      "  figment resume last\n"
      "  figment resume runs/3 --json\n"
      "A finished run is left as it is.");
  return {app, [=] {
            if (common->seed || common->threads)
              throw ConfigError(
                  "figment resume: a run keeps its own seed and threads, or it would not end with the same bytes; "
                  "leave out --seed and --threads, or train anew");
            // The run's own threads are known only once the engine has found it; it sets them.
            Engine& engine = open_engine(common->engine());
            const auto run = engine.find(argument->run, argument->out);
            catch_stop_signals();
            const auto sink = event_sink(common->json, training_of(Table::load(run / "recipe.toml")).images);
            engine.resume(run, *sink);
            if (!common->json) std::printf("%s\n", run.c_str());
          }};
}

}  // namespace figment::cli
