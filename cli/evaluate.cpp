#include <fmt/format.h>

#include <cstdio>

#include "cli/console.h"
#include "cli/engine.h"
#include "cli/verbs.h"
#include "figment/base/text.h"

namespace figment::cli {
namespace {

Json json_of(const OpenedRun& run, const Evaluation& evaluation) {
  Json json = {{"run", run.path().string()}, {"model", run.model()}};
  json.update(to_json(evaluation));
  return json;
}

void print(const Evaluation& evaluation) {
  std::vector<std::vector<std::string>> rows;
  for (const Metric& m : evaluation.metrics)
    rows.push_back({m.name, number(m.value) + (m.spread ? " ± " + number(*m.spread) : ""), m.unit,
                    fmt::format("{}, n = {}, seed {}", m.split, m.n, m.seed)});
  print_table(rows);
  print_line(stdout, "measured: the checkpoint after " + counted(evaluation.images, "image"));
  for (const std::string& sentence : evaluation.left_out) print_line(stdout, "left out: " + sentence);
  for (const std::string& sentence : evaluation.warnings) print_line(stdout, "warning: " + sentence);
}

}  // namespace

Verb evaluate(CLI::App& program) {
  CLI::App* app = program.add_subcommand("evaluate", "measure a run");
  auto argument = std::make_shared<RunArgument>();
  auto common = std::make_shared<Common>();
  auto words = std::make_shared<EvaluateWords>();
  add_trained_run(*app, *argument);
  add_evaluate_words(*app, *words);
  add_common(*app, *common, {.seed = "seed of the Monte Carlo noise and of the first sample"});
  app->footer(
      "Examples\n"
      "  figment evaluate last\n"
      "  figment evaluate 3 -k 50 -n 1000 --json\n"
      "  figment evaluate 3 --data photos/ --split train\n"
      "  figment evaluate 3 --features .deps/inception.safetensors\n"
      "Names ending in _nats are -log p or an upper bound of it, per image; smaller is better.");
  return {app, [=] {
            EvaluateRequest request = words->read(*common);
            request.go_on = progress_bar("evaluating");
            const auto run = open_run(*common, *argument);
            const Evaluation evaluation = run->evaluate(request);
            if (common->json)
              print_json(json_of(*run, evaluation));
            else
              print(evaluation);
          }};
}

}  // namespace figment::cli
