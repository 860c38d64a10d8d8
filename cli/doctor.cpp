#include "cli/console.h"
#include "cli/engine.h"
#include "cli/verbs.h"
#include "figment/base/error.h"
#include "figment/base/version.h"

namespace figment::cli {

Verb doctor(CLI::App& program) {
  CLI::App* app = program.add_subcommand("doctor", "show what figment found on this machine and what is missing");
  auto common = std::make_shared<Common>();
  add_common(*app, *common);
  app->footer("Example\n  figment doctor");
  return {app, [=] {
            Json report = {{"figment", kVersion}};
            std::optional<FileError> missing;
            try {
              report.update(open_engine(common->engine()).doctor());
            } catch (const FileError& error) {  // what is known without the engine is said all the same
              report["engine"] = error.what();
              missing = error;
            }
            if (common->json)
              print_json(report);
            else
              print_report(report);
            if (missing) throw *missing;
          }};
}

}  // namespace figment::cli
