// Recipes and run folders from elsewhere that name or link to what is not theirs: nothing outside of the run is
// touched. And what stands beside a training: none of it ends the training.
#include <gmock/gmock.h>

#include <chrono>
#include <map>

#include "figment/base/file.h"
#include "figment/media/image.h"
#include "figment/records/event_file.h"
#include "figment/records/run_folder.h"
#include "tests/program_folder.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using Words = std::vector<std::string>;

class HostileRun : public testing::ProgramFolder {
 protected:
  void SetUp() override {
    ProgramFolder::SetUp();
    make_folder(victim_ / "inside");
    write_file(victim_ / "file", "whole");
  }
  void expect_victim_whole() const {
    EXPECT_EQ(read_file(victim_ / "file"), "whole");
    EXPECT_EQ(entries_of(victim_).size(), 2u);
    EXPECT_TRUE(fs::is_empty(victim_ / "inside"));
  }
  Words train(const Words& more = {}) const {
    return joined(joined({"train", "vae", "--data", "data"}, testing::kTinyTraining), more);
  }
  /// `resume` then trains the finished run to 4000 images.
  static void train_further(const fs::path& run) {
    fs::remove(run / "finished");
    std::string text = read_file(run / "recipe.toml");
    write_file(run / "recipe.toml", text.replace(text.find("\nimages = 2000\n"), 15, "\nimages = 4000\n"));
  }
  static std::string warnings_of(const RunFolder& run) {
    std::string warnings;
    for (const Event& event : read_events(run.events()))
      if (event.kind == Event::Kind::kWarning) warnings += event.text + "\n";
    return warnings;
  }
  /// A recipe whose stages have these names.
  static std::string recipe(const Words& names) {
    std::string list, tables;
    for (const std::string& name : names) {
      list += (list.empty() ? "'" : ", '") + name + "'";
      tables += "['" + name + "'.model]\nid = 'vae'\n['" + name + "'.data]\nsource = 'data'\n";
    }
    return "stages = [" + list + "]\n" + tables;
  }

  const fs::path victim_ = folder_ / "victim";
};

TEST_F(HostileRun, StagesThatAreNoNamesAreRefusedByEveryVerbBeforeAnythingIsTouched) {
  for (const Words& names : {Words{victim_.string() + "/", ""}, Words{".."}, Words{"../../victim"}, Words{"good", "."},
                             Words{"checkpoints"}, Words{".hidden"}}) {
    const std::string text = recipe(names);
    write_file(folder_ / "evil.toml", text);
    EXPECT_EQ(figment({"train", "evil.toml"}).code, 2) << text;
    EXPECT_FALSE(fs::exists(folder_ / "runs")) << text;
    const fs::path run = folder_ / "received/0001-vae";
    make_folder(run);
    write_file(run / "recipe.toml", text);
    for (const char* verb :
         {"resume", "sample", "complete", "reconstruct", "interpolate", "traverse", "encode", "evaluate"}) {
      const auto result = figment({verb, "received/0001-vae"});
      EXPECT_EQ(result.code, 2) << verb << text << result.err;
      EXPECT_THAT(result.err, HasSubstr("stages: ")) << verb << text;
    }
    EXPECT_EQ(figment({"compare", "received/0001-vae", "received/0001-vae"}).code, 2);
    EXPECT_EQ(figment({"runs", "--out", "received"}).code, 0);
    EXPECT_EQ(figment(train({"--parent", "features=received/0001-vae"})).code, 2);
    EXPECT_EQ(entries_of(run).size(), 1u) << "not even a lock";
    expect_victim_whole();
    fs::remove_all(folder_ / "received");
  }
}

TEST_F(HostileRun, NothingIsWrittenThroughALinkOfTheRun) {
  ASSERT_EQ(figment(train({"--set", "training.preview_every=1000"})).code, 0);
  const fs::path run = folder_ / "runs/0001-vae", good = folder_ / "good";
  fs::rename(run, good);
  for (const char* name : {".lock", "events.jsonl", "report.html", ".part-report.html", "evaluation.json", "finished",
                           "samples", "checkpoints/best", "checkpoints/.part-best", "checkpoints/.part-000004000"}) {
    const bool folder = fs::is_directory(good / name) || std::string_view(name).ends_with("4000");
    fs::copy(good, run, fs::copy_options::recursive);
    train_further(run);
    fs::remove_all(run / name);
    fs::create_symlink(folder ? victim_ : victim_ / "file", run / name);
    const auto resumed = figment({"resume", "1"});
    EXPECT_THAT(resumed.code, ::testing::AnyOf(0, 2)) << name << resumed.err;
    if (resumed.code == 2) { EXPECT_THAT(resumed.err, HasSubstr("a symbolic link stands there")) << name; }
    EXPECT_EQ(figment({"evaluate", "1", "-n", "10", "-k", "0"}).code, 0) << name;
    expect_victim_whole();
    fs::remove_all(run);
  }
}

TEST_F(HostileRun, AStageOrAParentThatIsALinkIsRefusedBeforeAnythingIsWritten) {
  ASSERT_EQ(figment(train()).code, 0);
  const fs::path own = folder_ / "runs/0001-vae";
  const auto files_of_own = [&] {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(own))
      if (entry.is_regular_file()) files[entry.path().string()] = read_file(entry.path());
    return files;
  };
  const auto before = files_of_own();
  const fs::path staged = folder_ / "received/0001-staged", child = folder_ / "received/0002-child";
  make_folder(staged);
  write_file(staged / "recipe.toml", recipe({"prior"}));
  fs::create_directory_symlink(own, staged / "prior");
  fs::copy(own, child, fs::copy_options::recursive);
  write_file(child / "recipe.toml", read_file(child / "recipe.toml") + "\n[parents]\ncodes = 'somewhere'\n");
  make_folder(child / "parents");
  fs::create_directory_symlink(own, child / "parents/codes");
  fs::rename(folder_ / "data", folder_ / "moved");
  for (const std::string& run : {staged.string(), child.string()})
    for (const Words& words : {Words{"resume", run, "--data", "moved"},
                               {"evaluate", run, "--data", "moved", "-k", "0"},
                               {"sample", run, "-n", "1", "-o", "one.png"},
                               {"runs", run, "--name", "mine"},
                               {"runs", run, "--delete", "--yes"}}) {
      const auto result = figment(words);
      EXPECT_EQ(result.code, 2) << words[0] << run;
      EXPECT_THAT(result.err, HasSubstr("a symbolic link stands there, and a run lies in its own folder alone"))
          << words[0];
      EXPECT_EQ(files_of_own(), before) << words[0] << run;
    }
  EXPECT_THAT(figment({"evaluate", (staged / "prior").string(), "-k", "0"}).err,
              HasSubstr("a symbolic link stands there"));
  EXPECT_EQ(files_of_own(), before);
}

TEST_F(HostileRun, AFolderOfAPersonBesideTheRunsIsNoLeftover) {
  const fs::path taxes = folder_ / "runs/.part-2024/taxes.pdf";
  make_folder(taxes.parent_path());
  write_file(taxes, "whole");
  fs::last_write_time(taxes.parent_path(), fs::file_time_type::clock::now() - std::chrono::hours(2));
  ASSERT_EQ(figment(train()).code, 0);
  EXPECT_EQ(read_file(taxes), "whole");
}

TEST_F(HostileRun, ANameOfTheDataThatIsNoUtf8IsASentence) {
  fs::rename(folder_ / "data", folder_ / "caf\xe9");
  const auto result = figment(joined({"train", "vae", "--data", "caf\xe9"}, testing::kTinyTraining));
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("data.source=caf\\xe9: must be UTF-8"));
  fs::rename(folder_ / "caf\xe9", folder_ / "caf\xc3\xa9");
  EXPECT_EQ(figment(joined({"train", "vae", "--data", "caf\xc3\xa9"}, testing::kTinyTraining)).code, 0);
}

TEST_F(HostileRun, EndsOfLinesInNamesStayInTheirFieldOfTheTable) {
  ASSERT_EQ(figment(train()).code, 0);
  make_folder(folder_ / "photos");
  const Image grey{.width = 8, .height = 8, .channels = 1, .pixels = std::vector<uint8_t>(64, 100)};
  for (const char* name : {"a\rb.png", "c\nd.png", "plain.png"})
    write_file(folder_ / "photos" / name, encode_png(grey));
  const auto result = figment({"encode", "1", "--data", "photos", "-o", "codes.npy"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(read_file(folder_ / "codes.csv"),
              AllOf(HasSubstr("\n\"a\rb.png\","), HasSubstr("\n\"c\nd.png\","), HasSubstr("\nplain.png,")));
}

TEST_F(HostileRun, ACheckpointThatCannotBeRemovedEndsNoTraining) {
  ASSERT_EQ(figment(train()).code, 0);
  const RunFolder run(folder_ / "runs/0001-vae");
  train_further(run.path());
  fs::copy(run.checkpoint(2000), folder_ / "elsewhere", fs::copy_options::recursive);
  fs::create_directory_symlink(folder_ / "elsewhere", run.checkpoint(100));
  const auto trained = figment({"resume", "1"});
  EXPECT_EQ(trained.code, 0) << trained.err;
  EXPECT_THAT(warnings_of(run), HasSubstr("older checkpoints: cannot remove the folder"));
  EXPECT_TRUE(fs::exists(run.checkpoint(4000)));
  EXPECT_FALSE(fs::is_empty(folder_ / "elsewhere"));
}

TEST_F(HostileRun, AFolderOfRunsMayBeALink) {
  make_folder(folder_ / "disk");
  fs::create_directory_symlink(folder_ / "disk", folder_ / "out");
  ASSERT_EQ(figment(train({"--out", "out"})).code, 0);
  EXPECT_EQ(figment({"sample", "last", "--out", "out", "-n", "1", "-o", "one.png"}).code, 0);
  EXPECT_TRUE(fs::exists(folder_ / "disk/0001-vae/finished"));
}

TEST_F(HostileRun, AReportThatCannotBeWrittenEndsNoTraining) {
  ASSERT_EQ(figment(train()).code, 0);
  const RunFolder run(folder_ / "runs/0001-vae");
  train_further(run.path());
  fs::remove(run.report());
  make_folder(run.report() / "in the way");
  make_folder(run.path() / "samples/000004000.png");
  const auto trained = figment({"resume", "1"});
  EXPECT_EQ(trained.code, 0) << trained.err;
  EXPECT_THAT(warnings_of(run), AllOf(HasSubstr("report: cannot write"), HasSubstr("pictures: cannot write")));
}

TEST_F(HostileRun, WhoMeasuresAndDrawsBesideATrainingNeitherEndsItNorFails) {
  Words words = train({"--json", "--set", "training.images=60000", "--set", "training.checkpoint_every=100", "--set",
                       "training.evaluate_every=200"});
  testing::Program training(words, {}, folder_);
  ASSERT_TRUE(training.says(R"("event":"checkpoint")"));
  for (int i = 0; i < 3; ++i) {
    testing::Program one({"evaluate", "1", "-n", "20", "-k", "0"}, {}, folder_),
        two({"evaluate", "1", "-n", "20", "-k", "0"}, {}, folder_),
        draws({"sample", "1", "-n", "2", "-o", "two.png"}, {}, folder_);
    for (testing::Program* other : {&one, &two, &draws}) {
      const auto result = other->wait();
      EXPECT_EQ(result.code, 0) << result.err;
    }
  }
  training.send(SIGTERM);
  const auto trained = training.wait();
  EXPECT_THAT(trained.code, ::testing::AnyOf(0, 128 + SIGTERM)) << trained.err;
}

TEST_F(HostileRun, AKillAtTheVeryStartLeavesNoRunBehind) {
  ASSERT_EQ(figment(train()).code, 0);
  make_folder(folder_ / "runs/.part-0002");  // what such a kill leaves
  write_file(folder_ / "runs/.part-0002/data.json", "{}");
  EXPECT_EQ(document({"runs", "--json"})["runs"].size(), 1u);
  EXPECT_EQ(document({"sample", "last", "-n", "1", "-o", "one.png", "--json"})["run"], "runs/0001-vae");
  const auto next = figment(train());
  EXPECT_EQ(next.out, "runs/0003-vae\n") << "it could still be starting";
}

}  // namespace
}  // namespace figment
