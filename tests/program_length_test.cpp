// The length of a training, training.images: what follows it, and how it is changed later.
#include <gmock/gmock.h>

#include "figment/config/table.h"
#include "figment/records/recipe.h"
#include "tests/program_folder.h"

namespace figment {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Words = std::vector<std::string>;

class Length : public testing::ProgramFolder {
 protected:
  Recipe recipe_of(const std::string& run) const { return read_recipe(Table::load(folder_ / run / "recipe.toml")); }
  /// A recipe that is fast to train.
  void write_recipe() const {
    write_file(folder_ / "mine.toml",
               "[model]\nid = 'vae'\nnetwork = 'dense'\nhidden = [16]\nlatent = 3\nwarm_up_images = 1000\n"
               "[data]\nsource = 'data'\n"
               "[training]\nimages = 4000\nbatch_size = 20\nschedule = 'cosine'\nwarm_up = 800\nlog_every = 400\n"
               "evaluate_every = 4000\npreview_every = 4000\ncheckpoint_every = 4000\nprecision = 'fp32'\n");
  }
  testing::Finished train(const Words& settings) const {
    Words words = {"train", "mine.toml", "--threads", "1"};
    for (const std::string& setting : settings) words.insert(words.end(), {"--set", setting});
    return figment(words);
  }
};

TEST_F(Length, ThoseOfTheRecipeFollowAShorterTrainingAndThisIsSaid) {
  write_recipe();
  const auto result = train({"training.images=1000"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(
      result.err,
      HasSubstr("the training is of 1,000 images in place of 4,000, so lengths of the recipe are scaled with it: "
                "training.warm_up = 200, training.log_every = 100, training.checkpoint_every = 1,000, "));
  const Recipe recipe = recipe_of("runs/0001-vae");
  EXPECT_EQ(recipe.training.warm_up, 200);
  EXPECT_EQ(recipe.training.log_every, 100);
  EXPECT_EQ(recipe.training.average_half_life, 0);
  EXPECT_THAT(recipe.settings.toml(), HasSubstr("warm_up_images = 250"));
}

TEST_F(Length, OneThatIsGivenStaysEvenAboveThatOfTheTraining) {
  write_recipe();
  ASSERT_EQ(
      train({"training.images=1000", "training.warm_up=5000", "training.log_every=1e6", "model.warm_up_images=7"}).code,
      0);
  const Recipe recipe = recipe_of("runs/0001-vae");
  EXPECT_EQ(recipe.training.warm_up, 5000);
  EXPECT_EQ(recipe.training.log_every, 1000000) << "once, at the end";
  EXPECT_THAT(recipe.settings.toml(), HasSubstr("warm_up_images = 7\n"));
}

TEST_F(Length, ALongerTrainingHasALongerWarmUpButReportsAndSavesAsOften) {
  write_recipe();
  ASSERT_EQ(train({"training.images=6000"}).code, 0);
  const Recipe recipe = recipe_of("runs/0001-vae");
  EXPECT_EQ(recipe.training.warm_up, 1200);
  EXPECT_EQ(recipe.training.log_every, 400);
  EXPECT_EQ(recipe.training.checkpoint_every, 4000);
}

TEST_F(Length, OfTheRecipeItselfChangesNothing) {
  write_recipe();
  const auto result = train({"training.images=4000"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, Not(HasSubstr("scaled")));
  EXPECT_EQ(recipe_of("runs/0001-vae").training.log_every, 400);
}

TEST_F(Length, AFinishedTrainingGoesOnWithMoreImages) {
  write_recipe();
  ASSERT_EQ(train({}).code, 0);
  const auto result = figment({"resume", "last", "--images", "6e3"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("is now to see 6,000 images in place of 4,000; the cosine schedule now ends "
                                          "there, so the learning rate goes from 0.01 to "),
                                HasSubstr("finished after 6,000 images")));
  EXPECT_EQ(recipe_of("runs/0001-vae").training.images, 6000);
  EXPECT_EQ(document({"runs", "--json"})["runs"][0]["images"], 6000);
}

TEST_F(Length, AFinishedTrainingSaysHowItGoesOn) {
  write_recipe();
  ASSERT_EQ(train({"training.images=100"}).code, 0);
  EXPECT_THAT(figment({"resume", "last"}).err,
              HasSubstr("'runs/0001-vae' is finished; `figment resume runs/0001-vae --images N` trains it further"));
}

TEST_F(Length, FewerImagesThanItHasSeenAreRefused) {
  write_recipe();
  ASSERT_EQ(train({}).code, 0);
  for (const char* images : {"4000", "10"}) {
    const auto result = figment({"resume", "last", "--images", images});
    EXPECT_EQ(result.code, 2);
    EXPECT_THAT(result.err, HasSubstr("has seen 4,000 images, so it must be more"));
  }
  EXPECT_EQ(figment({"resume", "last", "--images", "many"}).code, 2);
  EXPECT_EQ(recipe_of("runs/0001-vae").training.images, 4000);
  EXPECT_EQ(document({"runs", "--json"})["runs"][0]["state"], "finished");
}

TEST_F(Length, TheFirstLinesSayWhatIsTrained) {
  write_recipe();
  EXPECT_THAT(
      train({"training.images=100"}).err,
      HasSubstr("\n8 × 8, grey; 360 images to train on, 2 classes; vae of 2,294 parameters; cpu, 1 thread, fp32\n"));
}

}  // namespace
}  // namespace figment
