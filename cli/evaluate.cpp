#include <fmt/format.h>

#include <cstdio>

#include "cli/console.h"
#include "cli/engine.h"
#include "cli/verbs.h"

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
  for (const std::string& sentence : evaluation.left_out) std::printf("left out: %s\n", sentence.c_str());
  for (const std::string& sentence : evaluation.warnings) std::printf("warning: %s\n", sentence.c_str());
}

}  // namespace

Verb evaluate(CLI::App& program) {
  CLI::App* app = program.add_subcommand("evaluate", "measure a run");
  auto argument = std::make_shared<RunArgument>();
  auto common = std::make_shared<Common>();
  auto source = std::make_shared<DataArgument>();
  auto request = std::make_shared<EvaluateRequest>();
  add_run(*app, *argument);
  add_data(*app, *source);
  app->add_option("-n,--count", request->count, "images, 0 for all")
      ->check(CLI::Range(int64_t(0), int64_t(1) << 40).description(""))
      ->type_name("N")
      ->capture_default_str();
  app->add_option("-k,--importance-samples", request->importance_samples,
                  "k of the importance-weighted bound, 0 leaves it out; time grows with it")
      ->check(CLI::Range(0, 1 << 20).description(""))
      ->type_name("K")
      ->capture_default_str();
  app->add_option("--features", request->features,
                  "what judges samples by its features: a classifier run, or the .safetensors file of an Inception "
                  "network; none: the newest classifier of the same images")
      ->type_name("RUN|FILE");
  add_common(*app, *common, {.seed = "of the noise that estimates use, and of the first sample"});
  app->footer(
      "Examples\n"
      "  figment evaluate last\n"
      "  figment evaluate 3 -k 50 -n 1000 --json\n"
      "  figment evaluate 3 --data photos/ --split train\n"
      "  figment evaluate 3 --features .deps/inception.safetensors\n"
      "Names ending in _nats are -log p or an upper bound of it, of an image: smaller is better.");
  return {app, [=] {
            request->data = source->options();
            request->split = source->split();
            if (common->seed) request->seed = *common->seed;
            request->go_on = progress_bar("evaluating");
            const auto run = open_run(*common, *argument);
            const Evaluation evaluation = run->evaluate(*request);
            if (common->json)
              print_json(json_of(*run, evaluation));
            else
              print(evaluation);
          }};
}

}  // namespace figment::cli
