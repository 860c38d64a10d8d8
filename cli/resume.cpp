#include <fmt/format.h>

#include <cstdio>

#include "cli/console.h"
#include "cli/engine.h"
#include "cli/launcher.h"
#include "cli/verbs.h"
#include "figment/base/error.h"
#include "figment/base/machine.h"
#include "figment/data/source.h"
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

/// Read as the setting that it changes: 2e6 images are two million. Nothing where it is not given.
std::optional<int64_t> number_of(const char* setting, const std::string& given, int64_t TrainingOptions::* number) {
  if (given.empty()) return std::nullopt;
  Table training;
  training.set(setting, given);
  return read<TrainingOptions>(training).*number;
}

}  // namespace

Verb resume(CLI::App& program) {
  CLI::App* app = program.add_subcommand("resume", "continue a training to the same bytes as if it had never stopped");
  auto argument = std::make_shared<RunArgument>();
  auto common = std::make_shared<Common>();
  auto images = std::make_shared<std::string>(), data = std::make_shared<std::string>(),
       processes = std::make_shared<std::string>();
  add_run(*app, *argument);
  app->add_option("--images", *images,
                  "another length of the whole training; the schedule then ends there, and a finished run goes on")
      ->type_name("N");
  app->add_option("--data", *data, "where the run's data lie now; they must be the same images")->type_name("SOURCE");
  app->add_option("--processes", *processes,
                  "another number of processes for the rest of the training, with threads as `train` chooses them; the "
                  "bytes from there on are other ones, and the run says so")
      ->type_name("N");
  add_common(*app, *common,
             {.seed = "must equal the run's, since its bytes depend on it",
              .threads = "must equal the run's; it cannot change on resume",
              .device = "must equal the run's; it cannot change on resume"});
  app->footer(
      "Examples\n"
      "  figment resume last\n"
      "  figment resume runs/3 --json\n"
      "  figment resume 3 --images 2e6\n"
      "  figment resume 3 --data /mnt/photos\n"
      "  figment resume 3 --processes 2\n"
      "A finished run is left as it is, unless --images is more than it has seen.");
  return {app, [=] {
            const Rendezvous together = launched();
            const RunFolder run = RunFolder::at(RunFolder::named(argument->run, argument->out).path());
            const TrainingOptions kept = training_of(Table::load(run.recipe()));
            expect_same(*common, kept);
            const auto moved = data->empty() ? std::nullopt : std::optional(*data);
            if (moved) find_source(*moved);  // a mistyped one is answered before the engine is loaded
            const auto length = number_of("images", *images, &TrainingOptions::images);
            const auto count = number_of("processes", *processes, &TrainingOptions::processes);
            Engine& engine = open_engine({.threads = int(kept.threads), .device = kept.device});
            catch_stop_signals();
            const auto sink = event_sink(common->json);
            engine.resume(
                {.run = run.path(), .images = length, .data = moved, .processes = count, .rendezvous = together},
                *sink);
            if (together.rank == 0 && !common->json) print_line(stdout, run.path().string());
          }};
}

}  // namespace figment::cli
