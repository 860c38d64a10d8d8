// A run that was begun goes on by another number of processes: this is asked for, said and kept, and from there on the
// training is exact again.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <csignal>

#include "figment/records/event_file.h"
#include "figment/records/recipe.h"
#include "tests/program_folder.h"
#include "tests/same_bytes.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Words = std::vector<std::string>;

class ProcessCount : public testing::ProgramFolder {
 protected:
  /// The run of a training by so many processes that a signal stopped after some checkpoints.
  std::string stopped(const std::string& out, int processes) const {
    Words words = {"train", "vae", "--data", "data", "--out", out, "--json", "--processes", std::to_string(processes)};
    words.insert(words.end(), testing::kTinyTraining.begin(), testing::kTinyTraining.end());
    for (const char* set : {"training.images=9000", "training.batch_size=30", "training.checkpoint_every=300",
                            "training.evaluate_every=420", "training.average_half_life=500"})
      words.insert(words.end(), {"--set", set});
    stop(words, out, R"("event":"checkpoint","images":600)");
    return out + "/0001-vae";
  }
  /// Starts a training into this folder and stops it when it says this.
  void stop(const Words& training, const std::string& out, const std::string& said) const {
    const testing::Finished end = testing::interrupted([&] {
      fs::remove_all(folder_ / out);
      testing::Program program(training, {}, folder_);
      if (program.says(said)) program.send(SIGTERM);
      return program.wait();
    });
    EXPECT_EQ(end.code, 128 + SIGTERM) << end.err;
  }
  std::string copy(const std::string& run, const std::string& name) const {
    fs::copy(folder_ / run, folder_ / name, fs::copy_options::recursive);
    return name;
  }
  /// A copy of the run that goes on by so many processes, and is killed when it says this.
  std::string killed(const std::string& run, const std::string& name, int processes, const std::string& said) const {
    std::vector<pid_t> ranks;
    const testing::Finished end = testing::interrupted([&] {
      fs::remove_all(folder_ / name);
      testing::Program program({"resume", copy(run, name), "--processes", std::to_string(processes), "--json"}, {},
                               folder_);
      if (program.says(said)) {
        ranks = program.children();
        program.send(SIGKILL);
      }
      return program.wait();
    });
    EXPECT_EQ(end.code, 128 + SIGKILL) << end.err;
    for (const pid_t rank : ranks) EXPECT_TRUE(testing::ends(rank));  // until then they keep the run's lock
    return name;
  }
  /// Somebody writes other words into the recipe of the run.
  void rewrite(const std::string& run, const std::string& words, const std::string& others) const {
    const fs::path file = folder_ / run / "recipe.toml";
    std::string recipe = read_file(file);
    const size_t at = recipe.find(words);
    ASSERT_NE(at, std::string::npos) << recipe;
    write_file(file, recipe.replace(at, words.size(), others));
  }
  auto tensors(const std::string& run) const { return testing::tensors_in(folder_ / run); }
  int64_t in_manifest(const std::string& run, const char* name) const {
    return parse_json(read_file(folder_ / run / "manifest.json"), "manifest")[name].get<int64_t>();
  }
  TrainingOptions in_recipe(const std::string& run) const {
    return training_of(Table::load(folder_ / run / "recipe.toml"));
  }
  /// Warnings of another number of processes in the run's events.
  int told(const std::string& run) const {
    int count = 0;
    for (const Event& event : read_events(folder_ / run / "events.jsonl"))
      if (event.kind == Event::Kind::kWarning && event.text.starts_with("the number of processes is ")) ++count;
    return count;
  }
};

TEST_F(ProcessCount, OfARunCanBeChangedAndTheTrainingIsThenExact) {
  for (const auto& [before, after] : {std::pair(2, 1), {1, 2}, {2, 3}}) {
    const std::string name = fmt::format("{} to {}", before, after), run = stopped(name, before),
                      left = copy(run, name + " left");
    const auto result = figment({"resume", left, "--processes", std::to_string(after)});
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_THAT(result.err,
                HasSubstr(fmt::format("the number of processes is {} from here on, it was {}: ", after, before)));
    EXPECT_EQ(told(left), 1) << name;
    for (const std::string& resumed : {left, killed(run, name + " killed", after, R"("event":"checkpoint")"),
                                       killed(run, name + " killed at once", after, R"("event":"started")")}) {
      EXPECT_EQ(in_manifest(resumed, "processes"), after) << resumed;
      EXPECT_EQ(in_recipe(resumed).processes, after) << resumed;
      EXPECT_EQ(in_recipe(resumed).threads, in_manifest(resumed, "threads")) << resumed;
      if (resumed == left) continue;
      EXPECT_EQ(figment({"resume", resumed}).code, 0) << resumed;
      EXPECT_EQ(tensors(resumed), tensors(left)) << resumed;
      EXPECT_EQ(told(resumed), 1) << resumed;
    }
  }
}

TEST_F(ProcessCount, TheOneThatARunHasChangesNothing) {
  const std::string run = stopped("out", 2), same = copy(run, "same");
  EXPECT_EQ(figment({"resume", run}).code, 0);
  EXPECT_EQ(figment({"resume", same, "--processes", "2"}).code, 0);
  EXPECT_EQ(tensors(same), tensors(run));
  EXPECT_EQ(told(same), 0);
}

TEST_F(ProcessCount, OfOneProcessTheThreadsStayWhereItIsNotChanged) {
  const std::string run = stopped("out", 1);
  const auto result = figment({"resume", run, "--processes", "1"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(in_recipe(run).threads, 1);
  EXPECT_EQ(told(run), 0);
}

TEST_F(ProcessCount, ThatDoesNotDivideABatchIsOneAndThisIsSaid) {
  const std::string run = stopped("out", 2);
  const auto result = figment({"resume", run, "--processes", "4"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("4 processes cannot share 30 images equally, so one process trains"),
                                HasSubstr("the number of processes is 1 from here on, it was 2")));
  EXPECT_EQ(in_manifest(run, "processes"), 1);
}

TEST_F(ProcessCount, ThatSomebodyWroteIntoTheRecipeMustBeAskedFor) {
  const std::string run = stopped("out", 2);
  rewrite(run, "processes = 2", "processes = 3");
  const auto refused = figment({"resume", run});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(
      refused.err,
      HasSubstr("out/0001-vae: training.processes and training.threads of its recipe are 3 and 1, and the run was "
                "trained with 2 and 1, on which its bytes depend; set both back, or choose the number of "
                "processes by `figment resume out/0001-vae --processes 3`"));
  const auto result = figment({"resume", run, "--processes", "3"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(told(run), 1);
}

TEST_F(ProcessCount, TheThreadsOfOneProcessAreNotChangedInSilence) {
  const std::string run = stopped("out", 1), same = copy(run, "same");
  rewrite(run, "\nthreads = 1", "\nthreads = 2");  // as a change to two processes and back by hand may leave them
  const auto refused = figment({"resume", run});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("are 1 and 2, and the run was trained with 1 and 1"));
  EXPECT_EQ(figment({"resume", run, "--processes", "1"}).code, 0) << "brings them back";
  EXPECT_EQ(figment({"resume", same}).code, 0);
  EXPECT_EQ(tensors(run), tensors(same));
}

TEST_F(ProcessCount, OfAFinishedRunStays) {
  const std::string run = stopped("out", 2);
  ASSERT_EQ(figment({"resume", run}).code, 0);
  const auto before = tensors(run);
  EXPECT_THAT(figment({"resume", run, "--processes", "1"}).err,
              AllOf(HasSubstr("is finished"), Not(HasSubstr("the number of processes"))));
  EXPECT_EQ(in_manifest(run, "processes"), 2);
  EXPECT_EQ(tensors(run), before);
  const auto longer = figment({"resume", run, "--processes", "1", "--images", "9300"});
  EXPECT_EQ(longer.code, 0) << longer.err;
  EXPECT_EQ(in_manifest(run, "processes"), 1);
  EXPECT_EQ(told(run), 1);
}

TEST_F(ProcessCount, ThatIsNoneIsASentenceAndNothingIsWritten) {
  const std::string run = stopped("out", 2);
  const std::string recipe = read_file(folder_ / run / "recipe.toml");
  for (const char* wrong : {"many", "5000", "1.5"}) {
    const auto result = figment({"resume", run, "--processes", wrong});
    EXPECT_EQ(result.code, 2) << wrong;
    EXPECT_THAT(result.err, HasSubstr("processes")) << wrong;
  }
  EXPECT_EQ(read_file(folder_ / run / "recipe.toml"), recipe);
}

TEST_F(ProcessCount, OfStagesIsThatOfAllThatAreNotFinished) {
  std::string recipe = "stages = [\"first\", \"second\", \"third\"]\n";
  for (const auto& [name, images] : {std::pair("first", 60), {"second", 12000}, {"third", 60}})
    recipe += fmt::format(
        "[{0}.model]\nid = \"vae\"\nnetwork = \"dense\"\nhidden = [16]\nlatent = 3\n[{0}.data]\nsource = \"data\"\n"
        "[{0}.training]\nimages = {1}\nbatch_size = 20\ncheckpoint_every = 200\nprecision = \"fp32\"\nthreads = 1\n",
        name, images);
  write_file(folder_ / "three.toml", recipe);
  stop({"train", "three.toml", "--out", "out", "--name", "all", "--json"}, "out",
       R"("event":"checkpoint","images":400)");
  const auto result = figment({"resume", "out/0001-all", "--processes", "2"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(in_manifest("out/0001-all/first", "processes"), 1);
  EXPECT_EQ(in_manifest("out/0001-all/second", "processes"), 2);
  EXPECT_EQ(told("out/0001-all/second"), 1);
  EXPECT_EQ(in_manifest("out/0001-all/third", "processes"), 2);
  EXPECT_EQ(told("out/0001-all/third"), 0);
}

}  // namespace
}  // namespace figment
