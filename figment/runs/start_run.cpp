#include "figment/runs/start_run.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/machine.h"
#include "figment/base/version.h"
#include "figment/models/cards.h"
#include "figment/models/entries.h"
#include "figment/records/run_care.h"
#include "figment/runs/feature_extractor.h"
#include "figment/runs/instance.h"
#include "figment/runs/parents.h"
#include "figment/runs/process_count.h"
#include "figment/runs/run_data.h"
#include "figment/runs/run_images.h"
#include "figment/runs/run_words.h"
#include "figment/runs/same_start.h"
#include "figment/runs/threads.h"
#include "figment/tensor/world.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kExamples = 64, kPointExamples = 1000;

/// The classifiers that are to score what the run draws must see such images.
void expect_scored(const Parents& parents, const DataSpec& spec) {
  for (const char* role : {kFeaturesRole, kSecondFeaturesRole})
    if (const auto classifier = parents.find(role); classifier != parents.end())
      expect_extracts(classifier->second, code_maker(parents) ? parents.at(kCodesRole).spec : spec,
                      fmt::format("parents.{}", role));
}

Json manifest_of(const ReadyRun& run, const std::string& command, int64_t parameters, const Json& parents) {
  const TrainingOptions& training = run.recipe.training;
  return {{"format", kRunFormat},
          {"figment", kVersion},
          {"libtorch", TORCH_VERSION},
          {"model", run.recipe.model},
          {"title", model_card(run.recipe.model).card.title},
          {"command", command},
          {"created", utc_now()},
          {"seed", training.seed},
          {"processes", training.processes},
          {"threads", training.threads},
          {"device", training.device},
          {"repeats_exactly", repeats_exactly(run.device)},
          {"precision", kWords<Precision>[size_t(training.precision)]},
          {"parameters", parameters},
          {"parents", parents},
          {"data",
           {{"source", run.recipe.data.source},
            {"hash", run.data.train->hash()},
            {"augmentation", run.data.train->augmentation()},
            {"validation_hash", run.data.validation->size() > 0 ? run.data.validation->hash() : ""},
            {"test_hash", run.data.test_hash},
            {"train", run.data.train->size()},
            {"validation", run.data.validation->size()}}}};
}

/// Compares what the manifest states of the data with the data that are there now.
void expect_same_data(const ReadyRun& run) {
  const std::string manifest = run.folder.manifest().string(), where = run.folder.path().string();
  const Json json = parse_json(read_file(manifest), manifest);
  const auto stated = [&](const char* name) {
    const Json& value = find(json, {"data", name});
    if (value.is_string()) return value.get<std::string>();
    throw RunError(fmt::format("{}: does not state data.{}; bring back the file of the original run", manifest, name));
  };
  const std::string source = run.recipe.data.source, hash = run.data.train->hash();
  if (const std::string before = stated("hash"); before != hash)
    throw RunError(
        code_maker(run.parents)
            ? fmt::format("{}: the codes of the images at '{}' are not those that the run began with (hash {} then, {} "
                          "now): the images changed, or another processor encoded them; bring back the images and the "
                          "folder 'cache' beside the run, or start a new run",
                          where, source, before, hash)
            : fmt::format(
                  "{}: the data at '{}' is not what the run began with (hash {} then, {} now); bring it back, or "
                  "start a new run",
                  where, source, before, hash));
  const std::string chooses =
      stated_hash(run.folder, Split::kValidation);  // empty where it has none, and in an earlier figment's run
  if (!chooses.empty() && chooses != run.data.validation->hash())
    throw RunError(
        fmt::format("{}: the validation images at '{}', which choose the best checkpoint, are not those that the run "
                    "began with; bring them back, or start a new run",
                    where, source));
  if (const std::string before = stated("augmentation"), now = run.data.train->augmentation(); before != now)
    throw RunError(
        fmt::format("{}: the augmentation of the training images is not what the run began with ('{}' then, "
                    "'{}' now); set [data] of recipe.toml back, or start a new run",
                    where, before, now));
}

}  // namespace

DataOptions data_options_of(const DataOptions& own, const DataOptions* parent) {
  const DataOptions defaults;
  const auto refuse_ignored = [](std::span<const Field> rows, const void* here, const void* by_default,
                                 const void* there) {
    for (const Field& row : rows)
      if (row.get && row.name != "grid" && row.get(here) != row.get(by_default) && row.get(here) != row.get(there))
        throw ConfigError(
            fmt::format("data: {} has no effect here, since the images are those of parents.codes, opened "
                        "as that run opened them; leave it out",
                        row.name));
  };
  if (!parent) {
    if (own.grid != defaults.grid)
      throw ConfigError(
          "data.grid has no effect here: it chooses among the codes of a parent; leave it out, or name a "
          "run that makes codes in parents.codes");
    return own;
  }
  refuse_ignored(kFields<DataOptions>, &own, &defaults, parent);
  refuse_ignored(kFields<PairOptions>, &own.pairs, &defaults.pairs, &parent->pairs);
  DataOptions data = *parent;
  data.grid = own.grid;
  return data;
}

OpenedData open_data(const DataOptions& options, const Parents& parents, const fs::path& out, const DataSpec* like,
                     const Progress& go_on) {
  OpenedData data;
  std::vector<Split> splits = {Split::kTrain, Split::kValidation};
  if (!like && !code_maker(parents)) splits.push_back(Split::kTest);
  RunSets opened = open_run_sets(
      options, splits, parents, out,
      {.like = like, .skipped = &data.skipped, .may_lack_test = true, .notes = &data.notes, .go_on = go_on});
  if (splits.size() == 3 && opened.sets[2]) data.test_hash = opened.sets[2]->hash(), data.test = opened.sets[2]->size();
  if (code_maker(parents)) data.test_hash = stated_of_data(parents.at(kCodesRole).folder, "test_hash");
  data.train = std::move(opened.sets[0]);
  data.validation = std::move(opened.sets[1]);
  if (!opened.images.empty() && parents.contains(kFeaturesRole)) data.images = std::move(opened.images[1]);
  return data;
}

Progress told_loading(EventSink& listener) {
  return [&listener](double done) {
    listener.take({.kind = Event::Kind::kProgress, .name = std::string(kLoading), .value = done, .time = utc_now()});
    return true;
  };
}

RunFolder new_run_folder(const TrainRequest& request, const std::string& model,
                         const std::function<void(const fs::path&)>& fill) {
  return RunFolder::create(request.out, request.name.empty() ? model : request.name, [&](const fs::path& part) {
    fill(part);
    if (!request.note.empty()) set_note(RunFolder(part), request.note);
  });
}

ReadyRun start_run(Recipe recipe, const std::string& command, const fs::path& out, const NewFolder& new_folder,
                   OpenedData opened, const Progress& go_on) {
  recipe = resolved(std::move(recipe), at::get_num_threads());
  std::string settled = settle_processes(recipe.training);
  use_threads(int(recipe.training.threads));  // codes of the data are part of the run's bits
  ReadyRun run{.folder = RunFolder(fs::path()), .device = use_device(recipe.training.device)};
  for (auto& [role, parent] : recipe.parents) {
    const RunFolder found = RunFolder::find(parent, out).trained();
    expect_able(role, run.parents.emplace(role, load_run(found, run.device)).first->second);
    parent = fs::canonical(found.path()).string();  // what is stored means the same run from anywhere
  }
  recipe.data =
      data_options_of(recipe.data, code_maker(run.parents) ? &run.parents.at(kCodesRole).recipe.data : nullptr);
  run.recipe = std::move(recipe);
  run.data = opened.train ? std::move(opened) : open_data(run.recipe.data, run.parents, out, nullptr, go_on);
  if (!settled.empty()) run.data.notes.push_back(std::move(settled));
  run.spec = run.data.train->spec();
  if (std::string advice = advice_on_colour(run.recipe, run.spec); !advice.empty())
    run.data.notes.push_back(std::move(advice));
  const auto model = expect_fit(run.recipe, run.spec, helpers_of(run.parents), run.data.train->size());
  for (const auto& [role, parent] : run.parents)
    expect_used(role, *model, model_entry(run.recipe.model), run.recipe.model);
  expect_scored(run.parents, run.spec);
  expect_same_start(run);
  if (!leads()) return run;

  run.folder = new_folder([&](const fs::path& part) {
    const RunFolder made(part);
    make_folder(made.checkpoints());
    Json adopted = Json::object();
    for (const auto& [role, parent] : run.parents) adopted[role] = adopt(made, role, parent);
    write_file(made.data(), json_text(to_json(run.spec), 2) + "\n");
    write_file(made.manifest(), json_text(manifest_of(run, command, parameter_count(*model), adopted), 2) + "\n");
    const Dataset& shown = run.data.validation->size() > 0 ? *run.data.validation : *run.data.train;
    const bool points = std::holds_alternative<PointSpec>(run.spec.x);
    save_examples(made, first_examples(shown, points ? kPointExamples : kExamples));
    write_file(made.recipe(), to_table(run.recipe).toml());
  });
  return run;
}

ReadyRun reopen_run(const RunFolder& folder, const Progress& go_on, const std::optional<std::string>& data) {
  const std::string spec = folder.data().string();
  ReadyRun run{.folder = folder,
               .recipe = read_recipe(Table::load(folder.recipe())),
               .spec = data_spec_from_json(parse_json(read_file(spec), spec), spec)};
  if (data) run.recipe.data.source = *data;
  run.recipe = resolved(std::move(run.recipe), at::get_num_threads());  // what a person left out of it
  if (const std::string why = why_not_shared(run.recipe.training); !why.empty())
    throw ConfigError(
        fmt::format("{}: {}, as they did when the run began; bring back its training.batch_size, micro_batches and "
                    "processes",
                    folder.recipe().string(), why));
  use_threads(int(run.recipe.training.threads));
  run.device = use_device(run.recipe.training.device);
  run.parents = load_parents(folder, run.device);
  run.data = open_data(run.recipe.data, run.parents, folder.out(), &run.spec, go_on);
  expect_same_data(run);
  expect_stated_processes(folder, run.recipe.training);
  expect_same_start(run);
  return run;
}

}  // namespace figment
