// Whatever asks for an end ends a training soon, with everything saved; and a training that was ended goes on to the
// same bytes as one that was left alone.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <set>
#include <sstream>
#include <stdexcept>
#include <stop_token>
#include <thread>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/machine.h"
#include "figment/base/progress.h"
#include "figment/config/table.h"
#include "figment/contracts/capabilities.h"
#include "figment/data/catalog.h"
#include "figment/models/entries.h"
#include "figment/records/checkpoint_note.h"
#include "figment/records/event_file.h"
#include "figment/runs/engine.h"
#include "figment/runs/instance.h"
#include "figment/runs/session.h"
#include "figment/runs/start_run.h"
#include "tests/program_folder.h"
#include "tests/same_bytes.h"

namespace figment {

/// One picture, learned; how it is drawn decides what becomes of the training.
namespace slow {

struct Config {
  Optimizer optimizer = {.learning_rate = 0.1};
  static constexpr auto schema() { return fields(field<&Config::optimizer>("optimizer")); }
};
static_assert(complete<Config>());
inline constexpr Card kCard{.title = "Slow", .paper = "none", .year = 2026, .summary = "One picture."};

class Slow : public Model, public Samples {
 public:
  using Config = slow::Config;
  Slow(Config config, const DataSpec& spec) : config_(config) {
    const PixelSpec& x = pixels(spec);
    picture_ = register_parameter("picture", torch::zeros({1, x.channels, x.height, x.width}));
  }
  std::vector<ParameterGroup> groups() override { return {{"model", parameters(), config_.optimizer}}; }
  void train_step(const Batch& batch, Step& step) override {
    step.minimize(kModel, batch,
                  [&](const Batch& b) -> LossTerms { return {{"distance", (picture_ - b.x).square().mean()}}; });
  }
  Tensor sample(const SampleRequest& request) override {
    ++drawn;
    if (fails) throw std::runtime_error("can't allocate memory: you tried to allocate 8 bytes.\nframe 0: somewhere");
    const Tensor pictures = picture_.repeat({int64_t(request.seeds.size()), 1, 1, 1});
    if (drawn == 1) return pictures;  // before the first step
    std::raise(SIGTERM);
    for (const double end = steady_seconds() + 20; steady_seconds() < end;) try {
        report_progress(request.go_on, 0.5);
      } catch (const RunError&) {
        cut = true;
        throw;
      }
    return pictures;
  }
  static inline int drawn = 0;
  static inline bool fails = false;  ///< each drawing
  static inline bool cut = false;    ///< one heard that it shall end

 private:
  Config config_;
  Tensor picture_;
};

}  // namespace slow

namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using Words = std::vector<std::string>;

class Stop : public testing::ProgramFolder {
 protected:
  Words train(const std::string& out, const Words& settings) const {
    Words words = joined({"train", "vae", "--data", "data", "--out", out}, testing::kTinyTraining);
    for (const std::string& setting : settings) words.insert(words.end(), {"--set", setting});
    return words;
  }
  Words endless() const { return joined(train("out", {"training.images=1e9"}), {"--json"}); }
};

TEST_F(Stop, EachOfThreeSignalsSavesAndSaysHowToGoOn) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    testing::Program program(endless(), {}, folder_);
    ASSERT_TRUE(program.says("scalar")) << program.wait().err;
    program.send(signal);
    const auto stopped = program.wait();
    EXPECT_EQ(stopped.code, 128 + signal);
    EXPECT_THAT(stopped.err, AllOf(HasSubstr("stopped and saved after "), HasSubstr("figment resume out/")));
    const RunFolder run = RunFolder::find("last", folder_ / "out");
    EXPECT_NE(read_file(run.report()).find("Stopped at "), std::string::npos);
  }
}

TEST_F(Stop, SeveralSignalsInARowAreOneRequest) {
  testing::Program program(endless(), {}, folder_);
  ASSERT_TRUE(program.says("scalar")) << program.wait().err;
  for (const int signal : {SIGTERM, SIGTERM, SIGHUP, SIGINT, SIGTERM}) program.send(signal);
  const auto stopped = program.wait();
  // Of signals that wait for a busy machine together the system hands over that of the smallest number first.
  EXPECT_THAT(stopped.code, ::testing::AnyOf(128 + SIGTERM, 128 + SIGHUP, 128 + SIGINT));
  EXPECT_THAT(stopped.err, HasSubstr("stopped and saved after "));
}

TEST_F(Stop, WhatNohupIgnoresStaysIgnored) {
  Words words = endless();
  words.insert(words.begin(), {"/usr/bin/env", "nohup", FIGMENT_PROGRAM});
  testing::Process program(words, {}, folder_);
  ASSERT_TRUE(program.says("scalar")) << program.wait().err;
  program.send(SIGHUP);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  program.send(SIGTERM);
  EXPECT_EQ(program.wait().code, 128 + SIGTERM) << "the first that was not ignored";
}

TEST_F(Stop, TheCommandToGoOnCanBePasted) {
  testing::Program program(joined(train("my runs", {"training.images=1e9"}), {"--json"}), {}, folder_);
  ASSERT_TRUE(program.says("scalar")) << program.wait().err;
  program.send(SIGTERM);
  EXPECT_THAT(program.wait().err, HasSubstr("`figment resume 'my runs/0001-vae'` continues"));
}

/// Asks for an end when the first event of this name is told.
struct AsksForAnEnd final : EventSink {
  explicit AsksForAnEnd(std::string name) : at(std::move(name)) {}
  void take(const Event& event) override {
    if (event.name == at && stop_signal() == 0) std::raise(SIGTERM);
  }
  std::string at;
};

/// Events of events.jsonl that are told twice.
std::multiset<std::string> told_twice(const fs::path& run) {
  std::multiset<std::string> all, twice;
  std::istringstream lines(read_file(run / "events.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    const Json event = parse_json(line, "a line");
    const std::string key =
        event.value("event", "") + event.value("name", "") + std::to_string(event.value("images", int64_t(-1)));
    if (event["event"] == "scalar" && all.contains(key)) twice.insert(key);
    all.insert(key);
  }
  return twice;
}

/// A score takes minutes where a network draws for it, so an end does not wait for it: what it would have decided is
/// decided after the resume.
TEST_F(Stop, InAScoreItEndsAndTheResumedTrainingMakesItUp) {
  const char* recipe = std::getenv("FIGMENT_TEST_RECIPE");
  if (testing::is_inner()) {  // whose process is asked to end
    catch_stop_signals();
    AsksForAnEnd listener("validation/loss");
    Engine* const engine = figment_engine({.threads = 1});
    try {
      engine->train({.recipe = Table::load(recipe), .out = "out"}, listener);
      FAIL() << "nothing was stopped";
    } catch (const Interrupted& stopped) { EXPECT_THAT(stopped.what(), HasSubstr("stopped and saved after ")); }
    return;
  }
  const auto settings = Words{"training.evaluate_every=280", "training.preview_every=2000",
                              "training.checkpoint_every=700", "training.average_half_life=500"};
  ASSERT_EQ(figment(train("alone", settings)).code, 0);
  const auto inner =
      testing::run_inner({{"FIGMENT_TEST_RECIPE", (folder_ / "alone/0001-vae/recipe.toml").string()}}, folder_);
  ASSERT_EQ(inner.code, 0) << inner.out;
  const fs::path run = folder_ / "out/0001-vae", stopped = run / "checkpoints/000000280";
  EXPECT_FALSE(read_note(stopped).scored);
  EXPECT_EQ(figment({"sample", "out/0001-vae", "-n", "1", "-o", "one.png"}).code, 0);
  ASSERT_EQ(figment({"resume", "out/0001-vae"}).code, 0);
  EXPECT_EQ(testing::tensors_in(run), testing::tensors_in(folder_ / "alone/0001-vae"));
  EXPECT_THAT(told_twice(run), ::testing::IsEmpty());
}

struct Ignores final : EventSink {
  void take(const Event&) override {}
};

/// Trains `slow` in this process, to which it is made known, on the data of this folder.
void train_slow() {
  add_model(card_of<slow::Config>("slow", slow::kCard, "[model]\nid = \"slow\"\n"), entry_of<slow::Slow>({}));
  Ignores listener;
  figment_engine({.threads = 1})
      ->train({.recipe = Table::parse("[model]\nid = \"slow\"\n[data]\nsource = \"data\"\n[training]\n"
                                      "batch_size = 20\nimages = 400\npreview_every = 100\nprecision = \"fp32\"\n"
                                      "checkpoint_every = 200\nthreads = 1\n",
                                      "slow.toml"),
               .out = "out"},
              listener);
}

std::vector<std::string> warnings_of(const fs::path& run) {
  std::vector<std::string> warnings;
  for (const Event& event : read_events(RunFolder(run).events()))
    if (event.kind == Event::Kind::kWarning) warnings.push_back(event.text);
  return warnings;
}

TEST_F(Stop, InAPictureItEndsAtOnceAndNoWarningIsMadeOfIt) {
  if (testing::is_inner()) {
    catch_stop_signals();
    try {
      train_slow();
      FAIL() << "nothing was stopped";
    } catch (const Interrupted& stopped) {
      EXPECT_THAT(stopped.what(), HasSubstr("stopped and saved after 100 of 400 images"));
    }
    EXPECT_TRUE(slow::Slow::cut) << "who draws must hear of the signal";
    return;
  }
  const auto inner = testing::run_inner({}, folder_);
  ASSERT_EQ(inner.code, 0) << inner.out;
  EXPECT_TRUE(fs::exists(folder_ / "out/0001-slow/checkpoints/000000100"));
  EXPECT_THAT(warnings_of(folder_ / "out/0001-slow"), ::testing::Not(::testing::Contains(HasSubstr("pictures"))));
}

TEST_F(Stop, APictureThatCannotBeDrawnEndsNoTraining) {
  if (testing::is_inner()) {
    slow::Slow::fails = true;
    train_slow();
    EXPECT_EQ(slow::Slow::drawn, 5) << "tried again each time";
    return;
  }
  const auto inner = testing::run_inner({}, folder_);
  ASSERT_EQ(inner.code, 0) << inner.out;
  const fs::path run = folder_ / "out/0001-slow";
  EXPECT_TRUE(fs::exists(run / "finished"));
  EXPECT_THAT(
      warnings_of(run),
      ::testing::Contains("drawing pictures: can't allocate memory: you tried to allocate 8 bytes.; the training "
                          "itself is not affected")
          .Times(1));
}

/// The tiny pictures, on a drive that hangs for half a minute in the middle of the training; then somebody asks for an
/// end.
class OnAHangingDrive final : public Dataset {
 public:
  explicit OnAHangingDrive(std::unique_ptr<Dataset> pictures) : pictures_(std::move(pictures)) {}
  const DataSpec& spec() const override { return pictures_->spec(); }
  int64_t size() const override { return pictures_->size(); }
  std::string hash() const override { return pictures_->hash(); }
  Batch read(std::span<const Draw> draws) const override {
    if (++reads_ == 40) {
      std::raise(SIGTERM);
      std::this_thread::sleep_for(std::chrono::seconds(30));
    }
    return pictures_->read(draws);
  }

 private:
  std::unique_ptr<Dataset> pictures_;
  mutable std::atomic<int> reads_ = 0;
};

TEST_F(Stop, AHangingDriveIsNotWaitedForAndTheCommandToGoOnIsSaid) {
  if (testing::is_inner()) {
    catch_stop_signals();
    const Recipe recipe = read_recipe(Table::parse(
        "[model]\nid = \"vae\"\nnetwork = \"dense\"\nhidden = [16]\nlatent = 2\n[data]\nsource = \"data\"\n[training]\n"
        "batch_size = 20\nimages = 1000000\nprecision = \"fp32\"\n",
        "recipe"));
    OpenedData data{.train = std::make_unique<OnAHangingDrive>(open_dataset(recipe.data, Split::kTrain)),
                    .validation = open_dataset(recipe.data, Split::kValidation)};
    ReadyRun run = start_run(
        resolved(recipe, 1), "train", "out", [](const auto& fill) { return RunFolder::create("out", "vae", fill); },
        std::move(data));
    Ignores listener;
    const double before = steady_seconds();
    try {
      train_run(std::move(run), listener);
      FAIL() << "nothing was stopped";
    } catch (const Interrupted& stopped) { EXPECT_THAT(stopped.what(), HasSubstr("stopped and saved after ")); }
    EXPECT_LT(steady_seconds() - before, 25);
    return;
  }
  const auto inner = testing::run_inner({}, folder_);
  ASSERT_EQ(inner.code, 0) << inner.out;
  EXPECT_EQ(RunFolder(folder_ / "out/0001-vae").checkpoint_images().size(), 1u);
}

/// Asks by a token, as a server does for one of its trainings, when the first score is told.
struct AsksByToken final : EventSink {
  void take(const Event& event) override {
    if (event.name == "validation/loss") source.request_stop();
  }
  std::stop_source source;
};

TEST_F(Stop, ATokenEndsItsOwnTrainingAndNotTheNext) {
  const Table recipe = Table::parse(
      fmt::format("[model]\nid = \"vae\"\nnetwork = \"dense\"\nhidden = [16]\nlatent = 2\n[data]\nsource = '{}'\n"
                  "[training]\nbatch_size = 20\nimages = 400\nevaluate_every = 100\nprecision = \"fp32\"\n",
                  (folder_ / "data").string()),
      "recipe");
  Engine* const engine = figment_engine({.threads = 1});
  AsksByToken listener;
  const TrainRequest request{.recipe = recipe, .out = folder_ / "out", .stop = listener.source.get_token()};
  EXPECT_THAT([&] { engine->train(request, listener); },
              ::testing::ThrowsMessage<Interrupted>(HasSubstr("stopped and saved after 100 of 400 images")));
  Ignores nothing;
  engine->resume({.run = folder_ / "out/0001-vae"}, nothing);
  EXPECT_TRUE(fs::exists(folder_ / "out/0001-vae/finished"));
}

}  // namespace
}  // namespace figment
