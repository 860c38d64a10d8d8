// What a run draws, judged by a classifier beside it, through the built program.
#include <gmock/gmock.h>

#include "figment/base/file.h"
#include "figment/config/json.h"
#include "tests/run_program.h"
#include "tests/tiny_data.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using Words = std::vector<std::string>;

class Judged : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_);
    testing::write_tiny_data(folder_ / "data");
    Words words{"train", "vae", "--data", "data"};
    words.insert(words.end(), testing::kTinyTraining.begin(), testing::kTinyTraining.end());
    ASSERT_EQ(figment(words).code, 0);
  }
  void TearDown() override { fs::remove_all(folder_); }
  testing::Finished figment(const Words& words) const { return testing::run(words, {}, folder_); }
  Json evaluated(Words words) const {
    words.insert(words.end(), {"-k", "0", "--json"});
    const auto result = figment(words);
    EXPECT_EQ(result.code, 0) << result.err;
    return parse_json(result.out, "stdout");
  }
  void train_classifier() const {
    const auto result = figment({"train", "classifier", "--data", "data", "--set", "model.width=4", "--set",
                                 "model.features=8", "--set", "training.images=2000", "--set", "training.batch_size=20",
                                 "--set", "training.precision=fp32", "--threads", "1"});
    ASSERT_EQ(result.code, 0) << result.err;
  }

  const fs::path folder_ = fs::temp_directory_path() / ("figment_judged_" + std::to_string(getpid()));
};

}  // namespace

TEST_F(Judged, TheNewestClassifierOfTheSameImagesMeasuresWhatIsDrawn) {
  const Json before = evaluated({"evaluate", "1"});
  EXPECT_FALSE(before["metrics"].contains("frechet_distance"));
  EXPECT_THAT(before["left_out"].dump(), HasSubstr("`figment train classifier --data data --out runs` makes one"));

  train_classifier();
  EXPECT_GT(evaluated({"evaluate", "2"})["metrics"]["accuracy"]["value"].get<double>(), 0.9);
  const Json metrics = evaluated({"evaluate", "1"})["metrics"];
  for (const char* name : {"frechet_distance", "kernel_distance", "inception_score", "precision", "recall", "density",
                           "coverage", "sharpness", "nearest_training_distance", "class_share_min"})
    EXPECT_TRUE(metrics.contains(name)) << name;
  EXPECT_THAT(metrics["frechet_distance"]["unit"].get<std::string>(),
              AllOf(HasSubstr("0002-classifier"), HasSubstr("weights")));
  EXPECT_EQ(metrics["frechet_distance"]["n"], 40);
  EXPECT_EQ(evaluated({"evaluate", "1"})["metrics"]["frechet_distance"], metrics["frechet_distance"])
      << "the same each time";
}

TEST_F(Judged, ARunThatCannotJudgeIsASentence) {
  const auto result = figment({"evaluate", "1", "--features", "1"});
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err, "--features: 'runs/0001-vae' is a vae, which has no features of images; name a classifier\n");
}

TEST_F(Judged, TheBestCheckpointIsTheNearestAndOutlivesItsJudge) {
  train_classifier();
  const Words small{"--set",     "model.network=dense",
                    "--set",     "model.hidden=[16]",
                    "--set",     "model.latent=3",
                    "--set",     "training.batch_size=20",
                    "--set",     "training.images=2000",
                    "--set",     "training.evaluate_every=500",
                    "--set",     "training.checkpoint_every=500",
                    "--set",     "training.precision=fp32",
                    "--threads", "1"};
  Words words{"train", "gan", "--data", "data", "--parent", "features=2"};
  words.insert(words.end(), small.begin(), small.end());
  const auto trained = figment(words);
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_THAT(trained.err, HasSubstr("frechet_distance"));
  fs::remove_all(folder_ / "runs/0002-classifier");
  EXPECT_TRUE(evaluated({"evaluate", "3"})["metrics"].contains("frechet_distance")) << "the run holds its judge";

  words = {"train", "gan", "--data", "data", "--parent", "features=1"};
  words.insert(words.end(), small.begin(), small.end());
  EXPECT_THAT(figment(words).err,
              HasSubstr("parents.features: 'runs/0001-vae' is a vae, which has no features of images"));
}

}  // namespace figment
