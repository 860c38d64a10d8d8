#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "cli/console.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "figment/base/error.h"
#include "figment/base/text.h"
#include "figment/records/run_care.h"

namespace figment::cli {
namespace {

struct Care {
  std::vector<std::string> runs = {};
  std::optional<std::string> name = {}, note = {};
  bool removes = false, asks_nothing = false;
};

/// "412.3 MB", decimal as disks are sold.
std::string size_of(int64_t bytes) {
  if (bytes < 1'000'000) return fmt::format("{:.0f} kB", double(bytes) / 1e3);
  if (bytes < 1'000'000'000) return fmt::format("{:.1f} MB", double(bytes) / 1e6);
  return fmt::format("{:.1f} GB", double(bytes) / 1e9);
}

/// A note that cannot be read is none: the list goes on.
std::string note_or_none(const RunFolder& run) {
  try {
    return note_of(run);
  } catch (const Error&) { return ""; }
}

Json json_of(const RunFolder& folder) {
  const RunState run = folder.state();
  Json json = {{"path", run.path.string()},
               {"model", run.model},
               {"state", run.state},
               {"images", run.images},
               {"of_images", run.of_images},
               {"bytes", bytes_in(run.path)},
               {"note", note_or_none(RunFolder(folder.whole()))}};
  json["score"] = run.score ? Json{{"name", run.score->name}, {"value", run.score->value}} : Json();
  return json;
}

std::vector<std::string> row_of(const Json& run) {
  const Json& score = run["score"];
  return {run["path"],
          run["model"],
          run["state"],
          fmt::format("{} of {}", with_commas(run["images"]), counted(run["of_images"], "image")),
          score.is_null() ? "" : score["name"].get<std::string>() + " " + number(score["value"]),
          size_of(run["bytes"]),
          run["note"]};
}

void print_runs(const std::vector<RunFolder>& runs, const std::string& none, bool json) {
  Json all = Json::array();
  for (const RunFolder& folder : runs) all.push_back(json_of(folder));
  if (json) return print_json({{"runs", all}});
  if (all.empty()) return print_line(stdout, none);
  std::vector<std::vector<std::string>> rows = {{"run", "model", "state", "images", "validation", "size", "note"}};
  for (const Json& run : all) rows.push_back(row_of(run));
  print_table(rows);
}

/// Whether a person says yes. Throws ConfigError where nobody can be asked.
bool agrees(const RunFolder& run) {
  const std::string what = fmt::format("delete {} ({})?", run.path().string(), size_of(bytes_in(run.path())));
  if (::isatty(STDIN_FILENO) == 0)
    throw ConfigError(what + " nobody can be asked here, since the input is no terminal; add --yes");
  print_line(stderr, what + " [y/N]");
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

void care_for(const Care& care, const std::filesystem::path& out, bool json) {
  std::vector<RunFolder> runs;
  for (const std::string& run : care.runs) runs.push_back(RunFolder::named(run, out));
  if ((care.name || care.note) && runs.size() > 1)
    throw ConfigError(fmt::format("--name and --note are of one run, got {}", runs.size()));
  if (care.removes) {
    Json deleted = Json::array();
    for (const RunFolder& run : runs) {
      if (!care.asks_nothing && !agrees(run)) continue;
      delete_run(run);
      deleted.push_back(run.path().string());
      if (!json) print_line(stdout, "deleted " + run.path().string());
    }
    if (json) print_json({{"deleted", deleted}});
    return;
  }
  if (care.note) set_note(RunFolder(runs[0].whole()), *care.note);
  if (care.name) runs[0] = rename_run(runs[0], *care.name);
  std::vector<RunFolder> shown;
  for (const RunFolder& run : runs) {
    const std::vector<RunFolder> parts = run.parts();
    shown.insert(shown.end(), parts.begin(), parts.end());
  }
  print_runs(shown, "", json);
}

}  // namespace

Verb runs(CLI::App& program) {
  CLI::App* app = program.add_subcommand("runs", "list the runs of a folder; name, note or delete one");
  auto out = std::make_shared<std::filesystem::path>(TrainRequest{}.out);
  auto care = std::make_shared<Care>();
  auto common = std::make_shared<Common>();
  app->add_option("RUN", care->runs, "runs: folders, numbers, names or `last`; none: all")->type_name("");
  app->add_option("--name", care->name, "another name of the run's folder; its number stays")->type_name("NAME");
  app->add_option("--note", care->note, "what you want to remember of the run; \"\" removes the note")
      ->type_name("TEXT");
  CLI::Option* removes = app->add_flag("--delete", care->removes, "delete the runs, after a question for each")
                             ->excludes(app->get_option("--name"))
                             ->excludes(app->get_option("--note"));
  app->add_flag("--yes", care->asks_nothing, "delete without a question")->needs(removes);
  add_out(*app, *out);
  add_common(*app, *common, kComputesNothing);
  app->footer(
      "Examples\n"
      "  figment runs\n"
      "  figment runs --out experiments --json\n"
      "  figment runs 3 --name shoes --note \"half the learning rate\"\n"
      "  figment runs 4 5 --delete\n"
      "The column `validation` is the score of the best checkpoint on the validation part; less is better. It compares "
      "runs of one model on the same data. A run that is being trained, and a folder that holds files of yours, are "
      "not "
      "deleted.");
  return {app, [=] {
            if (care->runs.empty() && (care->name || care->note || care->removes))
              throw ConfigError("runs: name the run that is meant, for instance `figment runs 3`");
            if (!care->runs.empty()) return care_for(*care, *out, common->json);
            print_runs(RunFolder::list(*out), "no runs in " + out->string(), common->json);
          }};
}

}  // namespace figment::cli
