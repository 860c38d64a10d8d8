// Whatever asks for an end ends a training soon, with everything saved; and a training that was ended goes on to the
// same bytes as one that was left alone.
#include <gmock/gmock.h>

#include <set>
#include <sstream>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/machine.h"
#include "figment/config/table.h"
#include "figment/records/checkpoint_note.h"
#include "figment/runs/engine.h"
#include "tests/program_folder.h"
#include "tests/same_bytes.h"

namespace figment {
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
  EXPECT_EQ(stopped.code, 128 + SIGTERM);
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

}  // namespace
}  // namespace figment
