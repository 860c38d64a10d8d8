#include <fmt/format.h>

#include <cstdio>

#include "cli/console.h"
#include "cli/engine.h"
#include "cli/launcher.h"
#include "cli/recipe.h"
#include "cli/verbs.h"
#include "figment/base/error.h"
#include "figment/base/machine.h"
#include "figment/base/text.h"
#include "figment/data/source.h"
#include "figment/records/recipe.h"
#include "figment/records/roles.h"
#include "figment/records/run_names.h"

namespace figment::cli {
namespace {

/// The command as a shell would take it again.
std::string command_of(const TrainArguments& arguments, const std::filesystem::path& out) {
  std::vector<std::string> words = {"figment", "train", arguments.what};
  const auto add = [&](const char* option, const std::string& value) { words.insert(words.end(), {option, value}); };
  if (arguments.data) add("--data", *arguments.data);
  if (arguments.seed) add("--seed", std::to_string(*arguments.seed));
  if (arguments.processes) add("--processes", std::to_string(*arguments.processes));
  if (arguments.threads) add("--threads", std::to_string(*arguments.threads));
  if (arguments.device) add("--device", *arguments.device);
  if (arguments.strict) words.push_back("--strict");
  for (const std::string& parent : arguments.parents) add("--parent", parent);
  for (const std::string& setting : arguments.settings) add("--set", setting);
  if (out != TrainRequest{}.out) add("--out", out.string());
  std::string command;
  for (const std::string& word : words) command += (command.empty() ? "" : " ") + shell_quoted(word);
  return command;
}

/// The processes with which this one trains. Each of them is one process of the training.
Rendezvous together_with(const TrainArguments& arguments) {
  const Rendezvous started = launched();
  if (started.size > 1 && arguments.processes)
    throw ConfigError(
        fmt::format("--processes {} beside {} processes that torchrun, srun or WORLD_SIZE say were started: each of "
                    "these is one process of the training; leave out --processes, or start one process alone",
                    *arguments.processes, started.size));
  return started;
}

std::string parent_help() {
  std::string roles;
  for (const RoleRow& role : kRoles) roles += (roles.empty() ? "" : ", ") + std::string(role.name);
  return "a trained run that this run uses, by role (" + roles + "), for instance codes=3";
}

}  // namespace

Verb train(CLI::App& program) {
  CLI::App* app = program.add_subcommand("train", "train a model: its own recipe, or a recipe file");
  auto arguments = std::make_shared<TrainArguments>();
  auto out = std::make_shared<std::filesystem::path>(TrainRequest{}.out);
  auto name = std::make_shared<std::string>(), note = std::make_shared<std::string>();
  auto common = std::make_shared<Common>();
  app->add_option("MODEL|RECIPE", arguments->what,
                  "a model (`figment models`), a recipe of one (`figment describe MODEL`), or a file NAME.toml")
      ->required()
      ->type_name("");
  app->add_option("--data", arguments->data, source_help() + "; sets data.source")->type_name("SOURCE");
  app->add_option("--set", arguments->settings, "a setting of the recipe (`figment describe MODEL`); may be repeated")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  app->add_option("--parent", arguments->parents, parent_help())
      ->type_name("ROLE=RUN")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  app->add_option(
         "--processes", arguments->processes,
         "processes that train together, each on its part of a batch; default: by the cores and the batch; sets "
         "training.processes")
      ->type_name("N")
      ->check(CLI::Range(int64_t(0), kMostProcesses));
  app->add_flag("--strict", arguments->strict, "an unreadable image is an error; sets data.strict");
  add_out(*app, *out);
  app->add_option("--name", *name, "of the run's folder, after its number; none: the model's")->type_name("NAME");
  app->add_option("--note", *note, "what you want to remember of the run; `figment runs` shows it")->type_name("TEXT");
  add_common(
      *app, *common,
      {.seed = "decides weights, order and noise; sets training.seed",
       .threads = "compute threads, of one process unless --processes says more; 0 for what the machine grants"});
  app->footer(
      "Examples\n"
      "  figment train vae --data fashion-mnist\n"
      "  figment train vae/colour --data photos/ --set data.size=64 --set training.images=2e6\n"
      "  figment train mine.toml --seed 2 --out experiments\n"
      "Where --set changes training.images alone, the recipe's other lengths in images are scaled with it.\n"
      "Ctrl-C saves and says how to go on. The run's folder is printed on stdout.\n"
      "Started several times by torchrun or srun, on one machine or on several, all train one model\n"
      "(docs/several-machines.md).");
  return {app, [=] {
            arguments->seed = common->seed, arguments->threads = common->threads, arguments->device = common->device;
            const Rendezvous together = together_with(*arguments);
            const bool leads = together.rank == 0;  // the others are silent
            const AskedRecipe asked = recipe_for(*arguments);
            if (!name->empty()) expect_run_name(*name);
            const TrainRequest request{.recipe = asked.recipe,
                                       .out = *out,
                                       .command = command_of(*arguments, *out),
                                       .name = *name,
                                       .note = *note,
                                       .rendezvous = together,
                                       .most_processes = granted_cores()};
            const TrainingOptions training = training_of(request.recipe);
            Engine& engine = open_engine({.threads = int(training.threads), .device = training.device});
            catch_stop_signals();
            if (leads)
              for (const std::string& sentence : asked.said) print_line(stderr, sentence);
            const auto sink = event_sink(common->json);
            const auto run = engine.train(request, *sink);
            if (leads && !common->json) print_line(stdout, run.string());
          }};
}

}  // namespace figment::cli
