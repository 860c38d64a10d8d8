// Two stages in one recipe, through the built program: codes of a vq_vae, and a pixel_cnn that learns to draw them.
#include <gmock/gmock.h>

#include "figment/base/file.h"
#include "figment/config/json.h"
#include "figment/media/image.h"
#include "figment/records/recipe.h"
#include "tests/program_folder.h"
#include "tests/same_bytes.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using Words = std::vector<std::string>;

constexpr const char* kRecipe = R"(stages = ["codes", "prior"]

[codes.model]
id = "vq_vae"
stages = 1
width = 8
blocks = 1
residual = 4
warm_up_images = 200
quantizer = { num_codes = 8, size = 4 }
[codes.data]
source = "data"
[codes.training]
images = 1000
batch_size = 20
checkpoint_every = 300
precision = "fp32"
threads = 1

[prior]
parents = { codes = "codes" }
[prior.model]
id = "pixel_cnn"
width = 8
layers = 2
first_kernel = 3
head_width = 8
conditional = true
[prior.training]
images = 1000
batch_size = 20
checkpoint_every = 300
average_half_life = 100
precision = "fp32"
threads = 1
)";

class Stages : public testing::ProgramFolder {
 protected:
  void SetUp() override {
    ProgramFolder::SetUp();
    write_file(folder_ / "two.toml", kRecipe);
  }
};

TEST_F(Stages, OneRecipeTrainsBothAndThePriorDrawsImages) {
  const auto trained = figment({"train", "two.toml", "--set", "codes.model.quantizer.num_codes=6"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_EQ(trained.out, "runs/0001-pixel_cnn\n");
  const Json runs = document({"runs", "--json"})["runs"];
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0]["path"], "runs/0001-pixel_cnn/codes");
  EXPECT_EQ(runs[1]["model"], "pixel_cnn");
  EXPECT_EQ(runs[1]["state"], "finished");
  EXPECT_EQ(document({"runs", "1", "--json"})["runs"], runs) << "a run of stages is shown by its stages";

  const Json drawn = document({"sample", "1", "-n", "4", "--class", "1", "-o", "four.png", "--json"});
  EXPECT_EQ(drawn["model"], "pixel_cnn");
  const Json completed = document({"complete", "last", "-n", "3", "--draws", "5", "-o", "completed.png", "--json"});
  EXPECT_EQ(completed["images"], 3 * (2 + 5));
  const Json metrics = document({"evaluate", "last", "--json"})["metrics"];
  EXPECT_TRUE(metrics.contains("bits_per_image")) << metrics.dump();
  const auto figure = [](const Json& of, const char* name) { return of.at(name)["value"].get<double>(); };
  const double most = 16 * std::log2(6);  // what a prior costs that knows nothing of 4 x 4 codes out of 6
  EXPECT_LT(figure(metrics, "bits_per_image"), most);
  EXPECT_GT(figure(metrics, "bits_per_image"), 1);
  EXPECT_NEAR(figure(metrics, "bits_per_image"), figure(metrics, "nll_nats") / std::log(2), 1e-6);
  EXPECT_TRUE(document({"evaluate", "runs/0001-pixel_cnn/codes", "--json"})["metrics"].contains("codebook_usage"));
  EXPECT_EQ(figment({"resume", "1"}).code, 0) << "a finished recipe is left alone";
}

TEST_F(Stages, WhatIsKeptOfAnImageStaysAsItIs) {
  ASSERT_EQ(figment({"train", "pixel_cnn", "--data", "data", "--set", "training.images=100", "--set",
                     "training.batch_size=20", "--set", "model.width=8", "--set", "model.layers=2", "--set",
                     "model.first_kernel=3"})
                .code,
            0);
  ASSERT_EQ(figment({"complete", "last", "-n", "2", "--draws", "3", "--keep", "0.25", "-o", "c.png"}).code, 0);
  const Image grid =
      decode_image(read_file(folder_ / "c.png"), "c.png");  // images of 8 x 8 enlarged to 96 x 96, 2 pixels apart
  const auto at = [&](int64_t row, int64_t column, int64_t y, int64_t x) {
    return grid.pixels[size_t((2 + row * 98 + y * 12) * grid.width + 2 + column * 98 + x * 12)];
  };
  ASSERT_EQ(grid.width, 2 + 5 * 98);
  int changed = 0;
  for (int64_t row = 0; row < 2; ++row)
    for (int64_t y = 0; y < 8; ++y)
      for (int64_t x = 0; x < 8; ++x)
        for (int64_t column = 1; column < 5; ++column)
          if (y < 2)
            ASSERT_EQ(at(row, column, y, x), at(row, 0, y, x)) << column << " " << y << " " << x;
          else if (column > 2)
            changed += at(row, column, y, x) != at(row, 2, y, x);
  EXPECT_GT(changed, 0) << "one draw is like the other";

  ASSERT_EQ(figment({"train", "two.toml", "--set", "prior.training.images=100"}).code, 0);
  const auto result = figment({"complete", "runs/0002-pixel_cnn/codes"});
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err,
            "runs/0002-pixel_cnn/codes is a vq_vae and cannot complete images; its prior can, "
            "'runs/0002-pixel_cnn/prior'\n");
}

TEST(StagesRecipe, StagesAreTheRecipesOfTheirModelsSoThatTheirFiguresAreToo) {
  const fs::path models = fs::path(FIGMENT_SOURCE) / "figment/models";
  for (const auto& [staged, name, alone] : {std::tuple("pixel_cnn/codes.toml", "codes", "vq_vae/recipe.toml"),
                                            std::tuple("gan/judged.toml", "features", "classifier/recipe.toml"),
                                            std::tuple("gan/judged.toml", "second", "classifier/second.toml"),
                                            std::tuple("gan/judged.toml", "gan", "gan/recipe.toml")}) {
    Recipe stage = read_recipe(Table::load(models / staged).child(name));
    stage.parents.clear();
    EXPECT_EQ(to_table(stage).toml(), to_table(read_recipe(Table::load(models / alone))).toml()) << staged;
  }
}

TEST_F(Stages, BitsOfTheWholeAreThoseOfTheCodesAndOfThePixelsGivenThem) {
  ASSERT_EQ(figment({"train", "two.toml", "--set", "codes.model.head=discretised_logistic"}).code, 0);
  const Json whole = document({"evaluate", "last", "--json"})["metrics"];
  const Json codes = document({"evaluate", "runs/0001-pixel_cnn/codes", "--json"})["metrics"];
  const auto figure = [](const Json& of, const char* name) { return of.at(name)["value"].get<double>(); };
  const double pixels = 8 * 8;
  EXPECT_NEAR(figure(whole, "bits_per_dim") * pixels,
              figure(whole, "bits_per_image") + figure(codes, "reconstruction_nats") / std::log(2), 1e-3);
}

TEST_F(Stages, AFolderInPlaceOfAStageIsNeverRemoved) {
  ASSERT_EQ(figment({"train", "two.toml"}).code, 0);
  const fs::path prior = folder_ / "runs/0001-pixel_cnn/prior";
  fs::rename(prior, folder_ / "moved");
  fs::create_directories(prior / "of a person");
  const auto there = figment({"resume", "1"});
  EXPECT_EQ(there.code, 2);
  EXPECT_THAT(there.err, HasSubstr("prior' is there already; move it away"));
  EXPECT_TRUE(fs::exists(prior / "of a person"));
  fs::remove_all(prior);
  fs::create_directory_symlink(folder_ / "moved", prior);
  fs::remove(folder_ / "moved/finished");
  const auto link = figment({"resume", "1"});
  EXPECT_EQ(link.code, 2);
  EXPECT_THAT(link.err, HasSubstr("a symbolic link stands there"));
}

TEST_F(Stages, AFaultOfALaterStageIsSaidBeforeTheFirstIsTrained) {
  fs::create_directories(folder_ / "flat");
  for (const char* file : {"train-images-idx3-ubyte", "t10k-images-idx3-ubyte"})
    fs::copy(folder_ / "data" / file, folder_ / "flat" / file);
  for (const auto& [setting, words] : {std::pair("prior.model.kernel=4", "kernel: the side of a kernel must be odd"),
                                       {"prior.training.batch_size=60000", "training.batch_size is 60000"},
                                       {"codes.data.source=flat", "the data has no classes"}}) {
    const auto result = figment({"train", "two.toml", "--set", setting});
    EXPECT_EQ(result.code, 2);
    EXPECT_THAT(result.err, AllOf(HasSubstr("stage 'prior': "), HasSubstr(words)));
    EXPECT_FALSE(fs::exists(folder_ / "runs")) << setting;
  }
}

TEST_F(Stages, ThePriorIsWholeInItself) {
  ASSERT_EQ(figment({"train", "two.toml"}).code, 0);
  fs::rename(folder_ / "runs/0001-pixel_cnn/prior", folder_ / "prior");
  fs::remove_all(folder_ / "runs");
  fs::remove_all(folder_ / "data");
  EXPECT_EQ(figment({"sample", "prior", "-n", "2", "-o", "two.png"}).code, 0);
}

TEST_F(Stages, StoppedAtAnyStageItGoesOnToTheSameBytes) {
  ASSERT_EQ(figment({"train", "two.toml", "--out", "alone"}).code, 0);
  const auto expected = testing::tensors_in(folder_ / "alone/0001-pixel_cnn");
  // Within the first stage, between the two, and as the second begins.
  for (const char* until :
       {R"("event":"checkpoint","images":300)", R"("event":"finished")", R"(0001-pixel_cnn/prior","value")"}) {
    const testing::Finished end = testing::interrupted([&] {
      fs::remove_all(folder_ / "killed");
      testing::Program program({"train", "two.toml", "--out", "killed", "--json"}, {}, folder_);
      if (program.says(until)) program.send(SIGKILL);
      return program.wait();
    });
    ASSERT_EQ(end.code, 128 + SIGKILL) << until << end.err;
    EXPECT_EQ(figment({"resume", "1", "--out", "killed"}).code, 0);
    EXPECT_EQ(testing::tensors_in(folder_ / "killed/0001-pixel_cnn"), expected) << "killed at " << until;
  }
}

TEST_F(Stages, APriorGoesOnARunThatIsThere) {
  ASSERT_EQ(figment({"train", "two.toml"}).code, 0);
  const auto result = figment({"train", "two.toml", "--parent", "codes=runs/0001-pixel_cnn/codes"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "runs/0002-pixel_cnn\n");
  EXPECT_TRUE(fs::exists(folder_ / "runs/0002-pixel_cnn/parents/codes/recipe.toml"));
  const auto other = figment({"train", "two.toml", "--parent", "codes=1/codes", "--data", "data"});
  EXPECT_EQ(other.code, 2);
  EXPECT_THAT(other.err, HasSubstr("a prior learns on the images of that run; leave out --data"));
}

/// A parent as it is typed may mean another run later, or from another folder: `last` is by then the run itself.
TEST_F(Stages, AParentFromElsewhereIsTheRunThatItIsWhenTheTrainingBegins) {
  ASSERT_EQ(figment({"train", "two.toml"}).code, 0);
  const std::string codes = fs::canonical(folder_ / "runs/0001-pixel_cnn/codes").string();
  fs::rename(codes, folder_ / "runs/0002-vq_vae");
  const std::string text = kRecipe;
  std::string staged =
      "stages = [\"one\", \"prior\"]\n[one.model]\nid = \"vae\"\nnetwork = \"dense\"\nhidden = [4]\n"
      "latent = 2\n[one.data]\nsource = \"data\"\n[one.training]\nimages = 40\nbatch_size = 20\n" +
      text.substr(text.find("[prior]"));
  staged.replace(staged.find("codes = \"codes\""), 15, "codes = \"last\"");
  write_file(folder_ / "staged.toml", staged);
  const auto result = figment({"train", "staged.toml"});
  ASSERT_EQ(result.code, 0) << result.err;
  const std::string meant = fs::canonical(folder_ / "runs/0002-vq_vae").string();
  const Table written = Table::load(folder_ / "runs/0003-pixel_cnn/recipe.toml");
  EXPECT_EQ(read_recipe(written.child("prior")).parents.at("codes"), meant);
  EXPECT_EQ(read_recipe(Table::load(folder_ / "runs/0003-pixel_cnn/prior/recipe.toml")).parents.at("codes"), meant);
  fs::rename(folder_ / "runs", folder_ / "jos\xe9");
  const auto refused = figment({"train", "staged.toml", "--out", "jos\xe9"});
  EXPECT_EQ(refused.code, 2) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("is no UTF-8"));
}

/// As a run of an earlier figment does, which knew fewer settings.
TEST_F(Stages, ARunWhoseRecipeLacksASettingGoesOn) {
  ASSERT_EQ(figment({"train", "two.toml"}).code, 0);
  const fs::path run = folder_ / "runs/0001-pixel_cnn";
  std::string text = read_file(run / "recipe.toml");
  for (const std::string line : {"\nprocesses = 1", "\nthreads = 1"})
    for (size_t at; (at = text.find(line)) != std::string::npos;) text.erase(at, line.size());
  write_file(run / "recipe.toml", text);
  fs::remove_all(run / "prior");
  const auto resumed = figment({"resume", "1"});
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_TRUE(fs::exists(run / "prior/finished"));
}

TEST_F(Stages, AnotherCodebookIsASentence) {
  ASSERT_EQ(figment({"train", "two.toml"}).code, 0);
  ASSERT_EQ(figment({"train", "two.toml", "--seed", "2"}).code, 0);
  fs::remove_all(folder_ / "runs/0001-pixel_cnn/prior/parents");
  fs::copy(folder_ / "runs/0002-pixel_cnn/prior/parents", folder_ / "runs/0001-pixel_cnn/prior/parents",
           fs::copy_options::recursive);
  const auto result = figment({"sample", "1"});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, AllOf(HasSubstr("is not the run that"), HasSubstr("was trained on")));
}

TEST_F(Stages, AParentThatMakesNoCodesIsASentence) {
  Words vae = {"train", "vae", "--data", "data"};
  vae.insert(vae.end(), testing::kTinyTraining.begin(), testing::kTinyTraining.end());
  ASSERT_EQ(figment(vae).code, 0);
  const auto result = figment({"train", "pixel_cnn", "--parent", "codes=1"});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("is a vae, which makes no codes"));
}

}  // namespace
}  // namespace figment
