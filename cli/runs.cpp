#include <fmt/format.h>

#include <cstdio>

#include "cli/console.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "figment/base/text.h"
#include "figment/records/run_folder.h"

namespace figment::cli {

Verb runs(CLI::App& program) {
  CLI::App* app = program.add_subcommand("runs", "list the runs of a folder and their progress");
  auto out = std::make_shared<std::filesystem::path>(TrainRequest{}.out);
  auto common = std::make_shared<Common>();
  add_out(*app, *out);
  add_common(*app, *common, kComputesNothing);
  app->footer(
      "Examples\n"
      "  figment runs\n"
      "  figment runs --out experiments --json");
  return {app, [=] {
            Json all = Json::array();
            std::vector<std::vector<std::string>> rows;
            for (const RunFolder& folder : RunFolder::list(*out)) {
              const RunState run = folder.state();
              all.push_back({{"path", run.path.string()},
                             {"model", run.model},
                             {"state", run.state},
                             {"images", run.images},
                             {"of_images", run.of_images}});
              rows.push_back({run.path.string(), run.model, run.state,
                              fmt::format("{} of {}", with_commas(run.images), counted(run.of_images, "image"))});
            }
            if (common->json)
              print_json({{"runs", all}});
            else if (rows.empty())
              print_line(stdout, "no runs in " + out->string());
            else
              print_table(rows);
          }};
}

}  // namespace figment::cli
