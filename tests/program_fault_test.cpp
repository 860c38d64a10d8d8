// What a run does when the world around it fails: a full disk, a folder that may not be written, numbers that overflow,
// pictures that cannot be read. Each is a sentence, and nothing that was good is lost.
#include <gmock/gmock.h>

#include <cmath>
#include <regex>

#include "figment/base/file.h"
#include "figment/base/hash.h"
#include "figment/checkpoint/safetensors.h"
#include "figment/config/json.h"
#include "figment/media/image.h"
#include "figment/records/checkpoint_note.h"
#include "tests/program_folder.h"
#include "tests/same_bytes.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using Words = std::vector<std::string>;

class Fault : public testing::ProgramFolder {
 protected:
  static Words train(const std::string& data, const Words& more = {}) {
    Words words = {"train", "vae", "--data", data, "--out", "out"};
    words.insert(words.end(), testing::kTinyTraining.begin(), testing::kTinyTraining.end());
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  /// Runs a shell script that may mount: in a name space of its own, so that nothing of it stays. The program is
  /// $FIGMENT.
  testing::Finished with_mounts(const std::string& script) const {
    write_file(folder_ / "script.sh", script);
    return testing::run_command({"unshare", "--map-root-user", "--mount", "bash", "-u", "script.sh"},
                                {{"FIGMENT", FIGMENT_PROGRAM}}, folder_);
  }
  bool can_mount() const { return with_mounts("mkdir -p try && mount -t tmpfs none try").code == 0; }
};

std::string quoted(const Words& words) {
  std::string line;
  for (const std::string& word : words) line += "'" + word + "' ";
  return line;
}

/// A finished run in a small file system; `spoil` breaks the file system, `mend` undoes it.
std::string spoiled_run(const std::string& train, const std::string& spoil, const std::string& mend) {
  return R"(
mkdir -p out && mount -t tmpfs -o size=8m none out || exit 99
$FIGMENT )" +
         train + R"( >/dev/null 2>&1 || exit 98
sed -i 's/^images = 2000$/images = 4000/' out/0001-vae/recipe.toml && rm out/0001-vae/finished
)" + spoil +
         R"(
$FIGMENT resume out/0001-vae; first=$?
)" + mend +
         R"(
$FIGMENT sample out/0001-vae -n 1 -o one.png >&2 || exit 97
$FIGMENT resume out/0001-vae >&2 || exit 96
exit $first
)";
}

TEST_F(Fault, AFullDiskIsASentenceAndTheLastCheckpointStaysGood) {
  if (!can_mount()) GTEST_SKIP() << "this machine lets nobody mount";
  const auto result =
      with_mounts(spoiled_run(quoted(train("data")), "cat /dev/zero >out/filler 2>/dev/null", "rm out/filler"));
  EXPECT_EQ(result.code, 2) << result.err;
  EXPECT_THAT(result.err, HasSubstr("No space left on device; free some space and resume the run"));
}

TEST_F(Fault, AFolderThatMayNotBeWrittenIsASentenceAndTheLastCheckpointStaysGood) {
  if (!can_mount()) GTEST_SKIP() << "this machine lets nobody mount";
  const auto result =
      with_mounts(spoiled_run(quoted(train("data")), "mount -o remount,ro none out", "mount -o remount,rw none out"));
  EXPECT_EQ(result.code, 2) << result.err;
  EXPECT_THAT(result.err, HasSubstr("Read-only file system"));
}

TEST_F(Fault, ALossThatIsNoNumberStopsWithItsPlaceAndKeepsTheLastCheckpoint) {
  ASSERT_EQ(figment(train("data")).code, 0);
  const fs::path run = folder_ / "out/0001-vae";
  const fs::path file = run / "checkpoints/000002000/model.safetensors";
  TensorMap weights = load_safetensors(file).tensors;
  for (auto& [name, weight] : weights) weight.mul_(1e30);
  write_file(file, to_safetensors(weights));
  CheckpointNote note = read_note(file.parent_path());
  note.hashes["model.safetensors"] = hash_of_file(file);
  write_note(file.parent_path(), note);
  write_file(run / "recipe.toml", std::regex_replace(read_file(run / "recipe.toml"), std::regex("\\nimages = 2000\\n"),
                                                     "\nimages = 4000\n"));
  fs::remove(run / "finished");
  const auto diverged = figment({"resume", "out/0001-vae"});
  EXPECT_EQ(diverged.code, 2) << diverged.err;
  EXPECT_THAT(diverged.err,
              AllOf(HasSubstr("training step 101"), HasSubstr("group 'model'"), HasSubstr("'reconstruction_nats'")));
  const auto sampled = figment({"sample", "out/0001-vae", "-n", "1", "-o", "one.png"});
  EXPECT_EQ(sampled.code, 0) << sampled.err;
}

TEST_F(Fault, AnEvaluationThatIsNoNumberIsASentenceAndStoresNothing) {
  ASSERT_EQ(figment(train("data")).code, 0);
  const fs::path run = folder_ / "out/0001-vae", file = run / "checkpoints/000002000/model.safetensors";
  TensorMap weights = load_safetensors(file).tensors;
  for (auto& [name, weight] : weights) weight.fill_(std::nan(""));
  write_file(file, to_safetensors(weights));
  fs::remove(file.parent_path() / "average.safetensors");
  CheckpointNote note = read_note(file.parent_path());
  note.hashes = {{"model.safetensors", hash_of_file(file)}};
  write_note(file.parent_path(), note);
  write_file(run / "checkpoints/best", "000002000");
  for (const char* importance_samples : {"0", "2"}) {
    const auto result = figment({"evaluate", "out/0001-vae", "-k", importance_samples, "--json"});
    EXPECT_EQ(result.code, 2) << result.err;
    EXPECT_THAT(result.err, HasSubstr("of the test split is NaN or infinite, so no figure is kept"));
    EXPECT_EQ(result.out, "");
    EXPECT_FALSE(fs::exists(run / "evaluation.json"));
  }
}

TEST_F(Fault, NoEnvironmentChangesTheNumbers) {
  const auto weights = [&](const std::string& out, const std::map<std::string, std::string>& environment) {
    Words words = {"train",     "vae", "--data", "data", "--out", out, "--set", "training.precision=bf16",
                   "--threads", "2"};
    words.insert(words.end(), testing::kTinyTraining.begin(), testing::kTinyTraining.end() - 6);  // not its precision
    const auto result = testing::run(words, environment, folder_);
    EXPECT_EQ(result.code, 0) << out << result.err;
    return testing::tensors_in(folder_ / out / "0001-vae");
  };
  const auto expected = weights("plain", {});
  EXPECT_EQ(weights("dynamic", {{"OMP_DYNAMIC", "true"}}), expected);
  EXPECT_EQ(weights("limit", {{"OMP_THREAD_LIMIT", "1"}}), expected);
  EXPECT_EQ(weights("levels", {{"OMP_MAX_ACTIVE_LEVELS", "0"}}), expected);
  EXPECT_EQ(weights("number", {{"OMP_NUM_THREADS", "1,1"}}), expected);
}

TEST_F(Fault, PicturesThatCannotBeReadAreNamedInTheRun) {
  fs::create_directories(folder_ / "photos");
  for (int i = 0; i < 60; ++i) {
    const Image image{.width = 8, .height = 8, .channels = 1, .pixels = std::vector<uint8_t>(64, uint8_t(4 * i))};
    write_file(folder_ / "photos" / (std::to_string(i) + ".png"), encode_png(image));
  }
  write_file(folder_ / "photos/torn.png", "\x89PNG\r\n\x1a\n and no more");
  const auto result = figment(train("photos"));
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("photos' are used, since 1 cannot be: torn.png ("));
  EXPECT_THAT(read_file(folder_ / "out/0001-vae/report.html"), HasSubstr("torn.png"));
  EXPECT_EQ(figment(train("photos", {"--set", "data.strict=true"})).code, 2);
}

TEST_F(Fault, ImagesWithoutClassesAreMeasuredOnARunThatHadThem) {
  ASSERT_EQ(figment(train("data")).code, 0);
  for (const char* labels : {"train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte"})
    fs::remove(folder_ / "data" / labels);
  const auto result = figment({"evaluate", "last", "--out", "out", "--data", "data", "-k", "2"});
  EXPECT_EQ(result.code, 0) << result.err;
}

TEST_F(Fault, WhatTheSystemRefusesWithoutASentenceOfItsOwnIsOneToo) {
  fs::create_directories(folder_ / "runs/0001-vae");
  write_file(folder_ / "runs/0001-vae/recipe.toml", "[model]\nid = \"vae\"\n");
  write_file(folder_ / "runs/0001-vae/manifest.json", R"({"format": 2})");
  write_file(folder_ / "runs/0001-vae" / std::string(200, 'x'), "");
  std::string run = "runs/0001-vae";  // a path that the system takes, where that of the long name is too long
  for (int i = 0; i < 2000; ++i) run = "./" + run;
  const auto result = figment({"runs", run, "--delete", "--yes"});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, AllOf(::testing::StartsWith("the system refused: "), HasSubstr("File name too long")));
  EXPECT_EQ(result.err.find("mistake of figment"), std::string::npos);
}

TEST_F(Fault, TooLittleMemoryIsASentence) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "the sanitizer needs addresses of its own";
#endif
#endif
  const Words huge = train("data", {"--set", "model.hidden=[60000, 60000]"});  // 14.4 GB for one layer
  const auto result =
      testing::run_command({"bash", "-c", "ulimit -v 8000000; exec " FIGMENT_PROGRAM " " + quoted(huge)}, {}, folder_);
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, AllOf(HasSubstr("there is not enough memory: "), HasSubstr("model")));
}

}  // namespace
}  // namespace figment
