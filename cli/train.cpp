#include <cstdio>

#include "cli/console.h"
#include "cli/engine.h"
#include "cli/recipe.h"
#include "cli/verbs.h"
#include "figment/base/machine.h"
#include "figment/runs/recipe.h"

namespace figment::cli {
namespace {

std::string shell_quoted(const std::string& word) {
  static constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=,:+@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

/// The command as a shell would take it again.
std::string command_of(const Asked& asked, const std::filesystem::path& out) {
  std::vector<std::string> words = {"figment", "train", asked.what};
  const auto add = [&](const char* option, const std::string& value) { words.insert(words.end(), {option, value}); };
  if (asked.data) add("--data", *asked.data);
  if (asked.seed) add("--seed", std::to_string(*asked.seed));
  if (asked.threads) add("--threads", std::to_string(*asked.threads));
  if (asked.device) add("--device", *asked.device);
  if (asked.strict) words.push_back("--strict");
  for (const std::string& parent : asked.parents) add("--parent", parent);
  for (const std::string& setting : asked.settings) add("--set", setting);
  if (out != TrainRequest{}.out) add("--out", out.string());
  std::string command;
  for (const std::string& word : words) command += (command.empty() ? "" : " ") + shell_quoted(word);
  return command;
}

}  // namespace

Verb train(CLI::App& program) {
  CLI::App* app = program.add_subcommand("train", "train a model: its own recipe, or a recipe file");
  auto asked = std::make_shared<Asked>();
  auto out = std::make_shared<std::filesystem::path>(TrainRequest{}.out);
  auto common = std::make_shared<Common>();
  app->add_option("MODEL|RECIPE", asked->what, "a model (`figment models`) or a file NAME.toml")
      ->required()
      ->type_name("");
  app->add_option("--data", asked->data, "fashion-mnist, or a folder of IDX files or images; sets data.source")
      ->type_name("SOURCE");
  app->add_option("--set", asked->settings, "a setting of the recipe (`figment describe MODEL`); may be repeated")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  app->add_option("--parent", asked->parents, "a run that this one stands on, for instance codes=3")
      ->type_name("ROLE=RUN")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  app->add_flag("--strict", asked->strict, "an unreadable image is an error; sets data.strict");
  add_out(*app, *out);
  add_common(*app, *common, {.seed = "decides weights, order and noise; sets training.seed"});
  app->footer(
      "Examples\n"
      "  figment train vae --data fashion-mnist\n"
      "  figment train vae --data photos/ --set data.size=64 --set training.images=2e6\n"
      "  figment train mine.toml --seed 2 --out experiments\n"
      "Ctrl-C saves and says how to go on. The run's folder is printed on stdout.");
  return {app, [=] {
            asked->seed = common->seed, asked->threads = common->threads, asked->device = common->device;
            TrainRequest request{.recipe = recipe_for(*asked), .out = *out, .command = command_of(*asked, *out)};
            const TrainingOptions training = training_of(request.recipe);
            Engine& engine = open_engine({.threads = int(training.threads), .device = training.device});
            catch_stop_signals();
            const auto sink = event_sink(common->json);
            const auto run = engine.train(request, *sink);
            if (!common->json) std::printf("%s\n", run.c_str());
          }};
}

}  // namespace figment::cli
