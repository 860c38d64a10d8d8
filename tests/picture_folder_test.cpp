// What the program says of a folder of pictures as it is: the report of the data and the training alike.
#include <fmt/format.h>

#include "figment/media/image.h"
#include "tests/program_folder.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class PhotoFolder : public testing::ProgramFolder {
 protected:
  void SetUp() override {
    ProgramFolder::SetUp();
    fs::create_directories(folder_ / "photos");
    for (int i = 0; i < 60; ++i) {
      Image image{.width = 8, .height = 8, .channels = 1};
      for (int k = 0; k < 64; ++k) image.pixels.push_back(uint8_t((i * 37 + k * 101) % 251));
      write_file(folder_ / "photos" / (std::to_string(i) + ".png"), encode_png(image));
    }
    for (const char* name : {"a.png", "b.png"}) write_file(folder_ / "photos" / name, "no picture");
    write_file(folder_ / "photos/phone.heic", "x");
  }
};

TEST_F(PhotoFolder, ATrainingSaysWhatItLeavesOut) {
  const auto result = figment(joined({"train", "vae", "--data", "photos"}, testing::kTinyTraining));
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("warning: 60 of 62 images of '"));
  EXPECT_THAT(result.err, HasSubstr("photos' are used, since 2 cannot be: 2 files, the first a.png"));
  EXPECT_THAT(result.err, HasSubstr("1 file not read: HEIC; heif-convert"));
  const std::string events = read_file(folder_ / "runs/0001-vae/events.jsonl");
  EXPECT_THAT(events, HasSubstr("since 2 cannot be")) << "and the run keeps it";
  EXPECT_THAT(events, Not(HasSubstr("loading"))) << "how far the reading was is no news afterwards";
}

TEST_F(PhotoFolder, MeasuringAndEncodingSayIt) {
  ASSERT_EQ(figment(joined({"train", "vae", "--data", "data"}, testing::kTinyTraining)).code, 0);
  EXPECT_THAT(document({"evaluate", "1", "--data", "photos", "-k", "0", "--json"})["warnings"].dump(),
              HasSubstr("60 of 62 images of 'photos' are used, since 2 cannot be"));
  const auto encoded = figment({"encode", "1", "--data", "photos", "-o", "codes.npy"});
  EXPECT_EQ(encoded.code, 0);
  EXPECT_THAT(encoded.err, HasSubstr("note: 60 of 62 images of 'photos' are used"));
}

TEST_F(PhotoFolder, OfAnyClassesIsMeasuredByAModelThatIsGivenNone) {
  for (const char* name : {"cat", "dog"}) {
    fs::create_directories(folder_ / "pets" / name);
    for (int i = 0; i < 20; ++i)
      fs::copy_file(folder_ / "photos" / (std::to_string(i + (*name == 'c' ? 0 : 20)) + ".png"),
                    folder_ / "pets" / name / (std::to_string(i) + ".png"));
  }
  ASSERT_EQ(figment(joined({"train", "vae", "--data", "data"}, testing::kTinyTraining)).code, 0);
  const Json evaluation = document({"evaluate", "1", "--data", "pets", "-k", "0", "--json"});
  EXPECT_EQ(evaluation["metrics"]["elbo_nats"]["n"], 40);
  const std::string said =
      "the run does not know the class 'cat'; it knows 0 and 1 (the model is not given it, so the "
      "images are taken without)";
  EXPECT_THAT(evaluation["warnings"].dump(), HasSubstr(said));
  EXPECT_THAT(figment({"encode", "1", "--data", "pets", "-o", "codes.npy"}).err, HasSubstr("note: pets: " + said));

  const Words classifier = {"train",     "classifier",
                            "--data",    "data",
                            "--set",     "model.width=4",
                            "--set",     "model.features=8",
                            "--set",     "training.images=100",
                            "--set",     "training.batch_size=20",
                            "--threads", "1"};
  ASSERT_EQ(figment(classifier).code, 0);
  const auto refused = figment({"evaluate", "2", "--data", "pets"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("pets: the run does not know the class 'cat'"));
}

TEST_F(PhotoFolder, ThatOfTheFirstImagesNoHashWasComparedIsSaid) {
  for (const char* part : {"train", "test"}) {
    fs::create_directories(folder_ / "sorted" / part);
    for (int i = 0; i < 30; ++i)
      fs::copy_file(folder_ / "photos" / (std::to_string(i + (part[1] == 'e' ? 30 : 0)) + ".png"),
                    folder_ / "sorted" / part / (std::to_string(i) + ".png"));
  }
  ASSERT_EQ(figment(joined({"train", "vae", "--data", "sorted"}, testing::kTinyTraining)).code, 0);
  const std::string said =
      "10 images were read, so whether they are the test images that the run began with was not "
      "compared; without -n it is";
  EXPECT_THAT(document({"evaluate", "1", "-n", "10", "-k", "0", "--json"})["warnings"].dump(), HasSubstr(said));
  EXPECT_TRUE(fs::exists(folder_ / "runs/0001-vae/evaluation.json"));
  EXPECT_THAT(document({"evaluate", "1", "-k", "0", "--json"})["warnings"].dump(), Not(HasSubstr("compared")));
}

TEST_F(PhotoFolder, SidesAreWidthByHeightEverywhere) {
  fs::create_directories(folder_ / "wide");
  for (int i = 0; i < 40; ++i)
    write_file(folder_ / "wide" / (std::to_string(i) + ".png"),
               encode_png({.width = 12, .height = 8, .channels = 1, .pixels = std::vector<uint8_t>(96, uint8_t(i))}));
  const auto trained = figment(joined({"train", "vae", "--data", "wide"}, testing::kTinyTraining));
  EXPECT_THAT(trained.err, HasSubstr("12 × 8, grey"));
  EXPECT_THAT(figment({"data", "wide"}).out, HasSubstr("12x8"));
  EXPECT_THAT(figment({"sample", "last", "-n", "1000000"}).err, HasSubstr("pictures of 12 x 8 pixels make a sheet of"));
  EXPECT_THAT(read_file(folder_ / "runs/0001-vae/report.html"), HasSubstr("12 × 8, grey"));
}

TEST_F(PhotoFolder, PicturesInColourPointToTheRecipeForThem) {
  fs::create_directories(folder_ / "colour");
  for (int i = 0; i < 40; ++i) {
    Image image{.width = 16, .height = 16, .channels = 3};
    for (int k = 0; k < 16 * 16 * 3; ++k) image.pixels.push_back(uint8_t((i * 37 + k * 101) % 251));
    write_file(folder_ / "colour" / (std::to_string(i) + ".png"), encode_png(image));
  }
  const Words length = {"--data",    "colour", "--set", "training.images=100", "--set", "training.batch_size=10",
                        "--threads", "1"};
  EXPECT_THAT(figment(joined({"train", "vae"}, length)).err,
              HasSubstr("these pictures have colour, and likelihood=bernoulli is meant for grey ones; the recipe for "
                        "colour is `figment train vae/colour`, with likelihood=discretised_logistic"));
  const auto meant = figment(joined({"train", "vae/colour"}, length));
  EXPECT_EQ(meant.code, 0) << meant.err;
  EXPECT_THAT(meant.err, Not(HasSubstr("have colour")));
  EXPECT_THAT(figment(joined({"train", "vae", "--data", "photos"}, testing::kTinyTraining)).err,
              Not(HasSubstr("have colour")));
}

TEST_F(PhotoFolder, TheReportShowsExamplesAndTheSameSentences) {
  const Json report = document({"data", "photos", "--json", "-o", "grid.png"});
  EXPECT_THAT(report.dump(), HasSubstr("1 file not read: HEIC; heif-convert"));
  EXPECT_EQ(report.at("skipped").size(), 2u);
  EXPECT_GT(image_info(read_file(folder_ / "grid.png"), "grid.png").width, 50);
}

}  // namespace
}  // namespace figment
