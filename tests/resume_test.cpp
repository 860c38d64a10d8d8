// A run killed at any instant and continued ends with the same bytes as one that was left alone.
#include <gmock/gmock.h>

#include <cstdlib>
#include <random>

#include "figment/base/file.h"
#include "figment/base/machine.h"
#include "figment/records/event_file.h"
#include "figment/records/run_folder.h"
#include "tests/program_folder.h"
#include "tests/same_bytes.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using testing::tensors_in;
using Words = std::vector<std::string>;

class Resume : public testing::ProgramFolder {
 protected:
  /// Checkpoints so often that a kill hits the writing of one; scores at other images than the checkpoints.
  Words train(const std::string& out) const {
    Words words = {"train", "vae", "--data", "data", "--out", out};
    words.insert(words.end(), testing::kTinyTraining.begin(), testing::kTinyTraining.end());
    for (const char* more : {"training.images=4000", "training.checkpoint_every=200", "training.evaluate_every=280",
                             "training.preview_every=3000", "training.average_half_life=500"})
      words.insert(words.end(), {"--set", more});
    return words;
  }
};

TEST_F(Resume, KilledAtRandomInstantsARunEndsWithTheSameBytes) {
  const char* asked = std::getenv("FIGMENT_KILLS");  // `make soak` asks for more
  const int kills = asked ? std::atoi(asked) : 20;
  const uint64_t seed = std::random_device()();
  std::mt19937_64 random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));

  const double begin = steady_seconds();
  ASSERT_EQ(figment(train("alone")).code, 0);
  const double whole = steady_seconds() - begin;
  const auto expected = tensors_in(folder_ / "alone/0001-vae");
  ASSERT_GE(expected.size(), 4u);  // examples; model, average, trainer of a checkpoint

  int killed = 0;
  for (int number = 0; killed < kills; ++number) {
    const std::string out = "killed" + std::to_string(number), run = out + "/0001-vae";
    for (;;) {
      const bool begun = fs::exists(folder_ / run / "recipe.toml");
      testing::Program program(begun ? Words{"resume", run} : train(out), {}, folder_);
      if (killed >= kills) {
        ASSERT_EQ(program.wait().code, 0);
        break;
      }
      std::this_thread::sleep_for(
          std::chrono::duration<double>(std::uniform_real_distribution(0.1, 0.8)(random) * whole));
      program.send(SIGKILL);
      const testing::Finished end = program.wait();
      if (end.code == 0) break;  // it was faster
      ASSERT_EQ(end.code, 128 + SIGKILL) << end.err;
      ++killed;
      if (!fs::exists(folder_ / run / "recipe.toml")) fs::remove_all(folder_ / out);  // killed before it was a run
    }
    EXPECT_EQ(tensors_in(folder_ / run), expected);
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / run / "checkpoints"))
      EXPECT_FALSE(entry.path().filename().string().starts_with(kPart)) << "left by a kill: " << entry.path();
  }
}

TEST_F(Resume, TheCheckpointThatARunGoesOnFromStaysInItsEvents) {
  Words words = train("out");
  words.push_back("--json");
  const testing::Finished end = testing::interrupted([&] {
    fs::remove_all(folder_ / "out");
    testing::Program program(words, {}, folder_);
    if (program.says(R"("event":"checkpoint","images":600)")) program.send(SIGKILL);
    return program.wait();
  });
  ASSERT_EQ(end.code, 128 + SIGKILL) << end.err;
  const RunFolder run(folder_ / "out/0001-vae");
  const int64_t last = run.checkpoint_images().back();
  ASSERT_EQ(figment({"resume", "out/0001-vae"}).code, 0);
  std::vector<int64_t> checkpoints;
  for (const Event& event : read_events(run.events()))
    if (event.kind == Event::Kind::kCheckpoint) checkpoints.push_back(event.images);
  EXPECT_THAT(checkpoints, ::testing::Contains(last).Times(1));
  EXPECT_TRUE(std::ranges::is_sorted(checkpoints));
  EXPECT_EQ(checkpoints.back(), 4000);
}

TEST_F(Resume, MoreThreadsThatReadChangeNoBit) {
  ASSERT_EQ(figment(train("one")).code, 0);
  ASSERT_EQ(figment(joined(train("three"), {"--set", "training.loader_threads=3"})).code, 0);
  EXPECT_EQ(tensors_in(folder_ / "three/0001-vae"), tensors_in(folder_ / "one/0001-vae"));
}

TEST_F(Resume, ADamagedCheckpointIsASentenceAndHarmsNothing) {
  ASSERT_EQ(figment(train("out")).code, 0);
  const fs::path run = folder_ / "out/0001-vae";
  fs::remove(run / "finished");
  const fs::path model = run / "checkpoints/000004000/model.safetensors";
  const std::string good = read_file(model);
  write_file(model, good.substr(0, good.size() / 2));
  const auto result = figment({"resume", "out/0001-vae"});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, ::testing::HasSubstr("model.safetensors"));
  write_file(model, good);
  EXPECT_EQ(figment({"resume", "out/0001-vae"}).code, 0);
}

TEST_F(Resume, AChangedDigitInACheckpointIsASentence) {  // it would still be a number
  ASSERT_EQ(figment(train("out")).code, 0);
  const fs::path file = folder_ / "out/0001-vae/checkpoints/000004000/average.safetensors";
  std::string bytes = read_file(file);
  bytes.back() ^= 1;
  write_file(file, bytes);
  for (const char* verb : {"sample", "resume"}) {
    if (verb == std::string("resume")) fs::remove(folder_ / "out/0001-vae/finished");
    const auto result = figment({verb, "out/0001-vae"});
    EXPECT_EQ(result.code, 2) << verb;
    EXPECT_THAT(result.err, ::testing::HasSubstr("average.safetensors: the file is damaged")) << verb;
  }
}

TEST_F(Resume, WrongKindsOfValuesBesideACheckpointAreSentences) {
  ASSERT_EQ(figment(train("out")).code, 0);
  const fs::path run = folder_ / "out/0001-vae";
  fs::remove(run / "finished");
  for (const fs::path& file : {run / "manifest.json", run / "checkpoints/000004000/events.json"}) {
    const std::string good = read_file(file);
    for (const char* wrong : {"[]", "null", "{}", R"({"data":"x"})", R"({"bytes":-1,"seconds":0,"hashes":{}})"}) {
      write_file(file, wrong);
      const auto result = figment({"resume", "out/0001-vae"});
      EXPECT_EQ(result.code, 2) << file << wrong << result.err;
    }
    write_file(file, good);
  }
}

TEST_F(Resume, OtherDataThanTheRunBeganWithIsRefused) {
  ASSERT_EQ(figment(train("out")).code, 0);
  fs::remove(folder_ / "out/0001-vae/finished");
  std::string bytes = read_file(folder_ / "data/train-images-idx3-ubyte");
  bytes.back() ^= 1;
  write_file(folder_ / "data/train-images-idx3-ubyte", bytes);
  const auto result = figment({"resume", "out/0001-vae"});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, ::testing::HasSubstr("is not what the run began with"));
}

TEST_F(Resume, TwoProcessesOnOneRunIsASentence) {
  Words words = train("out");
  words.insert(words.end(), {"--set", "training.images=1e9", "--set", "training.checkpoint_every=1e9", "--json"});
  testing::Program first(words, {}, folder_);
  ASSERT_TRUE(first.says("\"event\""));
  const auto second = figment({"resume", "out/0001-vae"});
  EXPECT_EQ(second.code, 2);
  EXPECT_THAT(second.err, ::testing::HasSubstr("in use by process"));
  first.send(SIGTERM);
  EXPECT_EQ(first.wait().code, 128 + SIGTERM);
}

}  // namespace
}  // namespace figment
