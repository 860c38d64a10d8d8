#include <fmt/format.h>

#include <cstdio>

#include "cli/console.h"
#include "cli/engine.h"
#include "cli/verbs.h"
#include "figment/base/file.h"
#include "figment/records/run_folder.h"

namespace figment::cli {

Verb compare(CLI::App& program) {
  CLI::App* app = program.add_subcommand("compare", "measure runs that draw images, side by side, on one page");
  auto runs = std::make_shared<std::vector<std::string>>();
  auto words = std::make_shared<EvaluateWords>();
  auto out = std::make_shared<std::filesystem::path>(TrainRequest{}.out);
  auto page = std::make_shared<std::filesystem::path>("comparison.html");
  auto common = std::make_shared<Common>();
  app->add_option("RUN", *runs, "two or more: folders, numbers or `last`")->required()->expected(-1)->type_name("");
  add_out(*app, *out);
  add_evaluate_words(*app, *words);
  app->add_option("-o,--output", *page, "HTML file; the figures go to a JSON file beside it")
      ->type_name("FILE")
      ->capture_default_str();
  add_common(*app, *common, {.seed = "seed of the Monte Carlo noise and of the first sample"});
  app->footer(
      "Examples\n"
      "  figment compare 2 3\n"
      "  figment compare runs/0002-vae runs/0003-gan -k 50 -o vae-and-gan.html\n"
      "All are measured by the same extractors: --features, else the classifier that a run was trained with, else the\n"
      "newest of the same images; a second classifier, which chose nothing (network=pooled); and pixels.");
  return {app, [=] {
            expect_output(*page, ".html");
            CompareRequest request{.evaluate = words->read(*common)};
            for (const std::string& run : *runs) request.runs.push_back(RunFolder::find(run, *out).trained().path());
            request.evaluate.go_on = progress_bar("comparing");
            const Comparison comparison = open_engine(common->engine()).compare(request);
            const std::filesystem::path json = std::filesystem::path(*page).replace_extension(".json");
            write_file(*page, comparison.page);
            write_file(json, json_text(comparison.json, 2) + "\n");
            if (common->json) return print_json(comparison.json);
            for (const Json& sentence : comparison.json["words"]) print_line(stdout, sentence.get<std::string>());
            print_line(stdout, fmt::format("Open in a browser: {}; the figures: {}", page->string(), json.string()));
          }};
}

}  // namespace figment::cli
