#include <fmt/format.h>

#include <cstdio>

#include "cli/console.h"
#include "cli/engine.h"
#include "cli/verbs.h"
#include "figment/base/error.h"
#include "figment/base/machine.h"
#include "figment/records/recipe.h"
#include "figment/records/run_folder.h"

namespace figment::cli {
namespace {

/// A script may pass the common options to every verb; one that contradicts the run is a mistake.
void expect_same(const Common& asked, const TrainingOptions& kept) {
  const auto refuse = [](const char* option, const auto& value) {
    throw ConfigError(
        fmt::format("figment resume: the run was trained with --{} {} and must keep it, or it would not end with the "
                    "same bytes; leave out --{}, or train anew",
                    option, value, option));
  };
  if (asked.seed && *asked.seed != kept.seed) refuse("seed", kept.seed);
  if (asked.threads && *asked.threads != 0 && *asked.threads != kept.threads) refuse("threads", kept.threads);
  if (asked.device && *asked.device != "auto" && *asked.device != kept.device) refuse("device", kept.device);
}

}  // namespace

Verb resume(CLI::App& program) {
  CLI::App* app = program.add_subcommand("resume", "continue a training to the same bytes as if it had never stopped");
  auto argument = std::make_shared<RunArgument>();
  auto common = std::make_shared<Common>();
  add_run(*app, *argument);
  add_common(*app, *common,
             {.seed = "must equal the run's, since its bytes depend on it",
              .threads = "must equal the run's; it cannot change on resume",
              .device = "must equal the run's; it cannot change on resume"});
  app->footer(
      "Examples\n"
      "  figment resume last\n"
      "  figment resume runs/3 --json\n"
      "A finished run is left as it is.");
  return {app, [=] {
            const RunFolder run = RunFolder::find(argument->run, argument->out);
            const TrainingOptions kept = training_of(Table::load(run.recipe()));
            expect_same(*common, kept);
            Engine& engine = open_engine({.threads = int(kept.threads), .device = kept.device});
            catch_stop_signals();
            const auto sink = event_sink(common->json);
            engine.resume(run.path(), *sink);
            if (!common->json) std::printf("%s\n", run.path().c_str());
          }};
}

}  // namespace figment::cli
