// Tested by tests/program_run_test.cpp and tests/own_model_test.cpp.
#include "figment/runs/engine.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <fmt/format.h>

#include "figment/base/error.h"
#include "figment/base/machine.h"
#include "figment/base/text.h"
#include "figment/base/version.h"
#include "figment/data/catalog.h"
#include "figment/data/conditions.h"
#include "figment/data/loader.h"
#include "figment/models/cards.h"
#include "figment/records/run_names.h"
#include "figment/runs/compare.h"
#include "figment/runs/instance.h"
#include "figment/runs/length.h"
#include "figment/runs/moved_data.h"
#include "figment/runs/opened_run.h"
#include "figment/runs/process_count.h"
#include "figment/runs/session.h"
#include "figment/runs/stages.h"
#include "figment/runs/threads.h"
#include "figment/tensor/tensors.h"
#include "figment/tensor/world.h"
#include "figment/training/gloo.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

Json counts(const std::vector<std::pair<std::string, int64_t>>& rows) {
  Json json = Json::array();
  for (const auto& [name, count] : rows) json.push_back({{"name", name}, {"count", count}});
  return json;
}

/// One process tells the events of a training; in the others this takes them.
struct Unheard final : EventSink {
  void take(const Event&) override {}
};
EventSink& heard(EventSink& listener) {
  static Unheard unheard;
  return leads() ? listener : unheard;
}

/// Several processes that were started together are those of one training. What is wrong with that is said before they
/// wait for one another. `asked`: the number of processes that is to replace the recipe's.
void expect_started_for(const Table& recipe, const Rendezvous& together, std::optional<int64_t> asked = {}) {
  if (!read_stages(recipe).empty())
    throw ConfigError(fmt::format(
        "{} processes were started for a recipe of stages, which wants one: training.processes makes several "
        "of it on its machine; on several machines train each stage by a recipe of its own, the later ones "
        "with --parent",
        together.size));
  if (const int64_t processes = asked.value_or(training_of(recipe).processes);
      processes != 0 && processes != together.size)
    throw ConfigError(fmt::format(
        "training.processes is {0}, and {1} processes were started together; start {0}, or leave the setting out where "
        "the training is new, or say --processes {1} to each where a run goes on",
        processes, together.size));
}

class LocalEngine final : public Engine {
 public:
  explicit LocalEngine(const EngineOptions& options)
      : threads_(options.threads > 0 ? options.threads : granted_cores()), device_(options.device) {
    use_threads(threads_);
  }

  fs::path train(const TrainRequest& request, EventSink& sink) override {
    const StopRequest stop(request.stop);
    if (request.rendezvous.size > 1) expect_started_for(request.recipe, request.rendezvous);
    if (!read_stages(request.recipe).empty()) return train_stages(request, threads_, sink);
    const Membership together(request.rendezvous);
    EventSink& listener = heard(sink);
    const Recipe recipe = resolved(read_recipe(request.recipe), threads_, request.most_processes);
    if (!request.name.empty()) expect_run_name(request.name);
    const NewFolder new_folder = [&](const auto& fill) { return new_run_folder(request, recipe.model, fill); };
    ReadyRun run = start_run(recipe, request.command, request.out, new_folder, {}, told_loading(listener));
    const fs::path path = run.folder.path();
    train_run(std::move(run), listener);
    return path;
  }

  fs::path resume(const ResumeRequest& request, EventSink& sink) override {
    const StopRequest stop(request.stop);
    const RunFolder folder = RunFolder::at(request.run);
    if (request.rendezvous.size > 1)
      expect_started_for(Table::load(folder.recipe()), request.rendezvous, request.processes);
    const std::vector<RunFolder> stages = folder.stages();
    const RunFolder last = stages.empty() ? folder : stages.back();
    const Membership together(request.rendezvous);
    EventSink& listener = heard(sink);
    const auto say = [&](std::string text) {
      listener.take({.kind = Event::Kind::kWarning, .text = std::move(text), .time = utc_now()});
    };
    if (request.processes) expect_processes(folder, *request.processes);
    if (leads()) {
      if (request.data) move_data(folder, *request.data);
      if (request.images) say(set_length(folder, *request.images));
      if (last.finished() && last.checkpoint_images().empty()) last.set_unfinished();  // somebody removed them
      if (request.processes)
        for (std::string& sentence : set_processes(folder, *request.processes)) say(std::move(sentence));
    }
    if (from_leader(last.finished()) != 0) {  // from here on the others read what this has written
      const RunState state = last.state();
      say(fmt::format("'{}' is finished; `figment resume {} --images N` trains it further, to N images in all",
                      request.run.string(), shell_quoted(last.path().string())));
      listener.take(
          {.kind = Event::Kind::kFinished, .images = state.images, .text = request.run.string(), .time = utc_now()});
    } else if (!stages.empty()) {
      resume_stages(folder, listener);
    } else {
      resume_run(folder, listener, request.data);
    }
    return request.run;
  }

  std::unique_ptr<OpenedRun> open(const fs::path& run, const std::string& checkpoint) override {
    return open_run(RunFolder::at(run), device_, checkpoint);
  }

  Comparison compare(const CompareRequest& request) override { return compare_runs(request, device_); }

  DataSummary inspect_data(const DataOptions& options, const Progress& go_on) override {
    DataReport report = report_data(options, go_on);
    DataSummary summary{.examples = std::move(report.examples)};
    Json skipped = Json::array();
    for (const auto& [file, reason] : report.skipped) skipped.push_back({{"file", file}, {"reason", reason}});
    summary.report = {
        {"source", report.source},         {"kind", report.kind},           {"train", report.train},
        {"validation", report.validation}, {"test", report.test},           {"classes", counts(report.classes)},
        {"sizes", counts(report.sizes)},   {"modes", counts(report.modes)}, {"skipped", skipped},
        {"warnings", report.warnings}};
    if (report.train == 0 || !summary.examples.empty()) return summary;
    const auto data = open_dataset(options, Split::kTrain);
    std::vector<Draw> draws;
    constexpr int64_t kShown = 64, kShownPoints = 5000;
    const bool points = std::holds_alternative<PointSpec>(data->spec().x);
    const int64_t shown = std::min(points ? kShownPoints : kShown, data->size());
    for (int64_t i = 0; i < shown; ++i) draws.push_back({i * data->size() / shown, 0});
    const Batch batch = data->read(draws);
    const Tensor images = points ? scatter(batch.x).unsqueeze(0) : batch.x;
    const std::vector<std::string> classes = labels_in_words(data->spec().condition, batch.condition);
    for (int64_t i = 0; i < images.size(0); ++i)
      summary.examples.push_back({.name = classes.empty() ? "" : classes[size_t(i)], .image = to_image(images[i])});
    return summary;
  }

  Json doctor() override {
    const torch::Device cpu = torch::kCPU;
    std::vector<std::string> models;
    for (const ModelCard& card : model_cards()) models.emplace_back(card.id);
    return {{"figment", kVersion},
            {"libtorch", TORCH_VERSION},
            {"cores_granted", granted_cores()},
            {"threads", at::get_num_threads()},
            {"processor", at::get_cpu_capability()},
            {"bf16_native", resolved_precision(Precision::kAuto, cpu) == Precision::kBf16},
            {"cuda_devices", torch::cuda::is_available() ? int64_t(torch::cuda::device_count()) : 0},
            {"models", models}};
  }

 private:
  int threads_;
  std::string device_;
};

}  // namespace
}  // namespace figment

figment::Engine* figment_engine(const figment::EngineOptions& options) {
  static figment::LocalEngine engine(options);
  return &engine;
}
