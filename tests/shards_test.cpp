// The program on tar shards: trained, stopped and continued, measured, described.
#include <fmt/format.h>

#include "figment/data/test_cache.h"
#include "figment/data/test_tar.h"
#include "figment/media/image.h"
#include "tests/program_folder.h"
#include "tests/same_bytes.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::tensors_in;

class ShardsOfProgram : public testing::ProgramFolder {
 protected:
  static constexpr const char* kPattern = "shards/{00..03}.tar";

  void SetUp() override {
    ProgramFolder::SetUp();
    fs::create_directories(folder_ / "shards");
    for (int shard = 0; shard < 4; ++shard) {
      std::vector<std::pair<std::string, std::string>> files;
      for (int i = 60 * shard; i < 60 * shard + 60; ++i) {
        Image image{.width = 8, .height = 8, .channels = 1};
        for (int k = 0; k < 64; ++k) image.pixels.push_back(uint8_t((i * 37 + k * 101) % 251));
        files.emplace_back(fmt::format("{:06}.cls", i), std::to_string(i % 2));
        files.emplace_back(fmt::format("{:06}.png", i), encode_png(image));
        files.emplace_back(fmt::format("{:06}.txt", i), "a caption");
      }
      write_file(folder_ / "shards" / fmt::format("{:02}.tar", shard), tar_of(files));
    }
  }
  static Words train(const std::string& out) {
    return joined(joined({"train", "vae", "--data", kPattern, "--out", out}, testing::kTinyTraining),
                  {"--set", "training.images=4000", "--set", "training.checkpoint_every=200"});
  }

 private:
  CachesIn caches_{folder_ / "caches"};
};

TEST_F(ShardsOfProgram, ATrainingThatWasKilledEndsWithTheSameBytes) {
  const auto alone = figment(train("alone"));
  ASSERT_EQ(alone.code, 0) << alone.err;
  EXPECT_THAT(alone.err, HasSubstr("240 files of the archives ignored (240 .txt)"));
  testing::Program program(joined(train("killed"), {"--json"}), {}, folder_);
  ASSERT_TRUE(program.says(R"("event":"checkpoint","images":600)"));
  program.send(SIGKILL);
  ASSERT_EQ(program.wait().code, 128 + SIGKILL) << "it was faster";
  ASSERT_EQ(figment({"resume", "killed/0001-vae"}).code, 0);
  EXPECT_EQ(tensors_in(folder_ / "killed/0001-vae"), tensors_in(folder_ / "alone/0001-vae"));
}

TEST_F(ShardsOfProgram, TwoProcessesReadTheirPartsOfEachBatch) {
  const auto trained = figment(joined(train("runs"), {"--processes", "2"}));
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_TRUE(fs::exists(folder_ / "runs/0001-vae/finished"));
}

TEST_F(ShardsOfProgram, AreMeasuredEncodedAndFoundAgainWhereTheyWereMoved) {
  ASSERT_EQ(figment(train("runs")).code, 0);
  const Json own = document({"evaluate", "1", "-k", "0", "--json"});
  EXPECT_LT(own["metrics"]["elbo_nats"]["n"].get<int>(), 60) << "the test split, about a tenth of 240";
  const Json named = document({"evaluate", "1", "--data", "shards/{01..02}.tar", "-k", "0", "--json"});
  EXPECT_EQ(named["metrics"]["elbo_nats"]["n"], 120) << "what a person names is taken whole";
  ASSERT_EQ(figment({"encode", "1", "--data", "shards/03.tar", "-o", "codes.npy"}).code, 0);
  EXPECT_THAT(read_file(folder_ / "codes.csv"), HasSubstr("03.tar/000239"));

  fs::rename(folder_ / "shards", folder_ / "elsewhere");
  const auto lost = figment({"resume", "1", "--images", "5000"});
  EXPECT_EQ(lost.code, 2);
  EXPECT_THAT(lost.err, HasSubstr("there is no shard '"));
  const auto found = figment({"resume", "1", "--images", "5000", "--data", "elsewhere/{00..03}.tar"});
  EXPECT_EQ(found.code, 0) << found.err;
}

TEST_F(ShardsOfProgram, TheReportOfTheDataShowsWhatATrainingWouldSee) {
  const Json report = document({"data", kPattern, "--json", "-o", "grid.png"});
  EXPECT_EQ(report["kind"], "tar shards");
  EXPECT_EQ(report["train"].get<int>() + report["validation"].get<int>() + report["test"].get<int>(), 240);
  EXPECT_THAT(report["warnings"].dump(), HasSubstr("240 files of the archives ignored (240 .txt)"));
  EXPECT_GT(image_info(read_file(folder_ / "grid.png"), "grid.png").width, 50);
  const auto missing = figment({"data", "shards/{02..04}.tar"});
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.err, HasSubstr("there is no shard 'shards/04.tar' of 'shards/{02..04}.tar'"));
}

}  // namespace
}  // namespace figment
