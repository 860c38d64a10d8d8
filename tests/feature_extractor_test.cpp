// What a run draws, compared with real images in the features of a classifier, through the built program.
#include <gmock/gmock.h>

#include <sstream>

#include "figment/base/hash.h"
#include "figment/evaluation/inception.h"
#include "figment/records/run_folder.h"
#include "tests/program_folder.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

const std::vector<std::string> kTinyGan{"--set",     "model.network=dense",
                                        "--set",     "model.hidden=[16]",
                                        "--set",     "model.latent=3",
                                        "--set",     "training.batch_size=20",
                                        "--set",     "training.images=2000",
                                        "--set",     "training.evaluate_every=500",
                                        "--set",     "training.checkpoint_every=500",
                                        "--set",     "training.precision=fp32",
                                        "--threads", "1"};

class FeatureExtractor : public testing::ProgramFolder {
 protected:
  void SetUp() override {
    ProgramFolder::SetUp();
    ASSERT_EQ(figment(joined({"train", "vae", "--data", "data"}, testing::kTinyTraining)).code, 0);
  }
  Json evaluated(const Words& words) const { return document(joined(words, {"-k", "0", "--json"})); }
  void train_classifier(const std::string& network = "flattened") const {
    Words words{"train", "classifier", "--data", "data", "--threads", "1"};
    for (const std::string& setting :
         {std::string("model.width=4"), std::string("training.images=2000"), std::string("training.batch_size=20"),
          std::string("training.precision=fp32"), "model.network=" + network})
      words.insert(words.end(), {"--set", setting});
    if (network == "flattened") words.insert(words.end(), {"--set", "model.features=8"});
    const auto result = figment(words);
    ASSERT_EQ(result.code, 0) << result.err;
  }
};

}  // namespace

TEST_F(FeatureExtractor, IsTheNewestClassifierOfTheSameImages) {
  const Json before = evaluated({"evaluate", "1"});
  EXPECT_FALSE(before["metrics"].contains("frechet_distance"));
  EXPECT_THAT(before["left_out"].dump(), HasSubstr("/data --out runs` makes one"));

  train_classifier();
  EXPECT_GT(evaluated({"evaluate", "2"})["metrics"]["accuracy"]["value"].get<double>(), 0.9);
  const Json evaluation = evaluated({"evaluate", "1"}), metrics = evaluation["metrics"];
  const Json& extractor = evaluation["parents"]["features"];
  EXPECT_EQ(extractor["path"], "runs/0002-classifier");
  EXPECT_THAT(metrics["class_share_min"]["unit"].get<std::string>(),
              HasSubstr("named by classifier, weights " + extractor["weights"].get<std::string>().substr(0, 8)));
  for (const char* name : {"frechet_distance", "frechet_distance_floor", "frechet_distance_times_floor",
                           "inception_score", "inception_score_real", "precision", "recall", "density", "coverage",
                           "sharpness", "nearest_training_distance", "class_share_min"})
    EXPECT_TRUE(metrics[name].contains("spread")) << name;
  EXPECT_FALSE(metrics["kernel_distance"].contains("spread")) << "of 40 images there is one subset";
  EXPECT_THAT(metrics["frechet_distance"]["unit"].get<std::string>(), HasSubstr("features of classifier, weights "));
  EXPECT_EQ(metrics["frechet_distance"]["n"], 40);
  EXPECT_EQ(evaluated({"evaluate", "1"})["metrics"]["frechet_distance"], metrics["frechet_distance"])
      << "the same each time";
  EXPECT_FALSE(fs::is_empty(folder_ / "runs/0001-vae/neighbours"));
  const std::string report = read_file(folder_ / "runs/0001-vae/report.html");
  for (const char* words : {"nearest training images", "How sharp single images are"})
    EXPECT_THAT(report, HasSubstr(words));

  fs::remove_all(folder_ / "runs/0002-classifier");
  EXPECT_FALSE(evaluated({"evaluate", "1"})["metrics"].contains("frechet_distance")) << "nobody has features now";
  const std::string later = read_file(folder_ / "runs/0001-vae/report.html");
  for (const char* words : {"Fréchet distance", "nearest training images", "How sharp single images are"})
    EXPECT_THAT(later, HasSubstr(words)) << "what was found is kept";
  EXPECT_EQ(parse_json(read_file(folder_ / "runs/0001-vae/evaluation.json"), "kept")["parents"]["features"], extractor);
}

TEST_F(FeatureExtractor, ComparedRunsShareOneOnOnePage) {
  train_classifier();
  ASSERT_EQ(figment(joined({"train", "gan", "--data", "data"}, kTinyGan)).code, 0);
  const auto compared = figment({"compare", "1", "3", "-k", "0", "-o", "both.html"});
  ASSERT_EQ(compared.code, 0) << compared.err;
  EXPECT_THAT(compared.out, AllOf(HasSubstr("Fréchet distance. By the first feature extractor"),
                                  HasSubstr("Only 0001-vae can say how probable a given image is; 0003-gan cannot")));
  const Json both = parse_json(read_file(folder_ / "both.json"), "both.json");
  EXPECT_EQ(both["runs"][0]["metrics"], evaluated({"evaluate", "1"})["metrics"]) << "figures of evaluate";
  EXPECT_EQ(both["runs"][1]["path"], "runs/0003-gan");
  for (const Json& run : both["runs"]) {
    for (const char* name : {"frechet_distance", "kernel_distance", "precision", "recall", "density", "coverage",
                             "sharpness", "nearest_training_distance", "class_share_min"})
      EXPECT_TRUE(run["metrics"].contains(name)) << name;
    EXPECT_GT(run["cost"]["parameters"], 0);
    EXPECT_GT(run["cost"]["images_per_second"], 0);
  }
  EXPECT_THAT(read_file(folder_ / "both.html"),
              AllOf(HasSubstr("0001-vae and 0003-gan"), HasSubstr("data:image/png;base64"), HasSubstr("Rarest class"),
                    HasSubstr("unseen images"), Not(HasSubstr("://"))));
}

TEST_F(FeatureExtractor, WhatCannotBeComparedIsASentence) {
  EXPECT_EQ(figment({"compare", "1"}).err, "compare: takes two runs at least, got 1\n");
  train_classifier();
  EXPECT_THAT(figment({"compare", "1", "2"}).err,
              HasSubstr("'runs/0002-classifier' is a classifier and cannot draw samples"));
}

/// Not the names of the sources decide.
TEST_F(FeatureExtractor, RunsOfEqualImagesAreComparedWhateverTheirSourcesAreCalled) {
  train_classifier();
  fs::copy(folder_ / "data", folder_ / "others", fs::copy_options::recursive);
  ASSERT_EQ(figment(joined({"train", "gan", "--data", "others"}, kTinyGan)).code, 0);
  EXPECT_EQ(figment({"compare", "1", "3", "-k", "0"}).code, 0) << "a copy";

  std::string images = read_file(folder_ / "data/train-images-idx3-ubyte");
  images.back() = char(images.back() ^ 1);
  write_file(folder_ / "data/train-images-idx3-ubyte", images);
  ASSERT_EQ(figment(joined({"train", "gan", "--data", "data"}, kTinyGan)).code, 0);
  EXPECT_THAT(figment({"compare", "1", "4"}).err,
              AllOf(HasSubstr("compare: 'runs/0001-vae' learned from '"), HasSubstr("/data', 'runs/0004-gan' from '"),
                    HasSubstr("and these are not the same images; say with --data which images they are measured on")));
}

TEST_F(FeatureExtractor, ASecondOneIsTheNewestOfThePooledNetwork) {
  train_classifier("pooled");
  EXPECT_THAT(evaluated({"evaluate", "1"})["left_out"].dump(), HasSubstr("/data --out runs` makes one"))
      << "it is no first one";
  train_classifier();
  const Json evaluation = evaluated({"evaluate", "1"}), metrics = evaluation["metrics"];
  EXPECT_EQ(evaluation["parents"]["features"]["path"], "runs/0003-classifier");
  const Json& second = evaluation["parents"]["second_features"];
  EXPECT_EQ(second["path"], "runs/0002-classifier");
  for (const char* name : {"frechet_distance_second", "frechet_distance_floor_second"})
    EXPECT_EQ(metrics[name]["unit"],
              "features of classifier, weights " + second["weights"].get<std::string>().substr(0, 8));
  EXPECT_TRUE(metrics.contains("frechet_distance_times_floor"));
  EXPECT_THAT(evaluated({"evaluate", "1", "--features", "2"})["left_out"].dump(),
              HasSubstr("frechet_distance_second needs a second classifier"))
      << "the same twice is no second opinion";

  fs::remove_all(folder_ / "runs/0002-classifier");
  EXPECT_THAT(evaluated({"evaluate", "1"})["left_out"].dump(),
              HasSubstr("frechet_distance_second needs a second classifier of the same images, which chose no "
                        "checkpoint; `figment train classifier/second --data " +
                        fs::canonical(folder_ / "data").string() + " --out runs` makes one"));
}

TEST_F(FeatureExtractor, ASecondParentIsKeptInTheRunAndChoosesNothing) {
  train_classifier();
  train_classifier("pooled");
  const Words gan = joined({"train", "gan", "--data", "data", "--parent", "features=2"}, kTinyGan);
  ASSERT_EQ(figment(gan).code, 0);
  ASSERT_EQ(figment(joined(gan, {"--parent", "second_features=3"})).code, 0);
  fs::remove_all(folder_ / "runs/0003-classifier");
  EXPECT_TRUE(evaluated({"evaluate", "5"})["metrics"].contains("frechet_distance_second"));
  EXPECT_FALSE(evaluated({"evaluate", "4"})["metrics"].contains("frechet_distance_second"));
  const auto scores = [&](const char* run) {
    std::vector<Json> values;
    std::istringstream events(read_file(folder_ / "runs" / run / "events.jsonl"));
    for (std::string line; std::getline(events, line);)
      if (const Json event = parse_json(line, "events"); find(event, {"name"}) == "validation/frechet_distance")
        values.push_back(event["value"]);
    return values;
  };
  EXPECT_FALSE(scores("0004-gan").empty());
  EXPECT_EQ(scores("0004-gan"), scores("0005-gan"));
  EXPECT_THAT(figment(joined(gan, {"--parent", "second_features=1"})).err,
              HasSubstr("parents.second_features: 'runs/0001-vae' is a vae, which has no features of images"));
}

TEST_F(FeatureExtractor, ComparedOnTrainingImagesIsSaid) {
  train_classifier();
  const std::string said = "0001-vae was trained on the images that it is measured on";
  EXPECT_THAT(figment({"compare", "1", "1", "-k", "0", "--split", "train"}).out, HasSubstr(said));
  EXPECT_THAT(figment({"compare", "1", "1", "-k", "0", "--split", "train", "--data", "data"}).out, HasSubstr(said));
  EXPECT_THAT(figment({"compare", "1", "1", "-k", "0", "--data", "./data/"}).out, HasSubstr(said)) << "all of it";
  EXPECT_THAT(figment({"compare", "1", "1", "-k", "0"}).out, Not(HasSubstr(said)));
  const Json evaluation = evaluated({"evaluate", "1", "--data", "./data/"});
  EXPECT_FALSE(evaluation["metrics"].contains("frechet_distance_floor"));
  EXPECT_FALSE(evaluated({"evaluate", "1", "--split", "train"})["metrics"].contains("frechet_distance_floor"));
  EXPECT_THAT(evaluation["left_out"].dump(),
              HasSubstr("frechet_distance_floor: the images that are measured are among"));
}

TEST_F(FeatureExtractor, ACopyOrALinkOfTheTrainingImagesIsSaidToo) {
  fs::copy(folder_ / "data", folder_ / "copy", fs::copy_options::recursive);
  fs::create_directory_symlink(folder_ / "data", folder_ / "link");
  const std::string said = "0001-vae was trained on the images that it is measured on";
  for (const char* same : {"copy", "link"})
    EXPECT_THAT(figment({"compare", "1", "1", "-k", "0", "--data", same}).out, HasSubstr(said)) << same;
  EXPECT_THAT(figment({"compare", "1", "1", "-k", "0", "--data", "copy", "--split", "train"}).out, HasSubstr(said));
  std::string images = read_file(folder_ / "copy/train-images-idx3-ubyte");
  for (size_t i = 16; i < images.size(); i += 64) images[i] ^= 1;  // one pixel of each
  write_file(folder_ / "copy/train-images-idx3-ubyte", images);
  EXPECT_THAT(figment({"compare", "1", "1", "-k", "0", "--data", "copy"}).out, Not(HasSubstr(said)));
}

TEST_F(FeatureExtractor, ANeighbourThatCannotBeUsedIsSaidAndEndsNothing) {
  train_classifier();
  const RunFolder neighbour(folder_ / "runs/0002-classifier");
  write_file(neighbour.best_checkpoint() / "average.safetensors", "torn");
  const Json evaluation = evaluated({"evaluate", "1"});
  EXPECT_TRUE(evaluation["metrics"].contains("elbo_nats"));
  EXPECT_FALSE(evaluation["metrics"].contains("frechet_distance"));
  EXPECT_THAT(evaluation["warnings"].dump(), HasSubstr("'runs/0002-classifier' cannot be used: "));
}

TEST_F(FeatureExtractor, ADistanceThatRisesIsSaidOnce) {
  train_classifier();
  Words words = joined({"train", "gan", "--data", "data", "--parent", "features=2"}, kTinyGan);
  for (const char* unbounded : {"model.loss=wasserstein", "model.r1=0", "model.generator.learning_rate=0.03",
                                "model.discriminator.learning_rate=0.03", "training.evaluate_every=200"})
    words.insert(words.end(), {"--set", unbounded});
  const auto trained = figment(words);
  ASSERT_EQ(trained.code, 0) << trained.err;
  const std::string said = "rising distance: the Fréchet distance of samples is now";
  const size_t at = trained.err.find(said);
  ASSERT_NE(at, std::string::npos) << trained.err;
  EXPECT_EQ(trained.err.find(said, at + 1), std::string::npos) << trained.err;
}

TEST_F(FeatureExtractor, ARunWithoutFeaturesIsASentence) {
  const auto result = figment({"evaluate", "1", "--features", "1"});
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err, "--features: 'runs/0001-vae' is a vae, which has no features of images; name a classifier\n");
}

TEST_F(FeatureExtractor, MayBeAFileOfInception) {
  TensorFile file{.tensors = inception_tensors(), .metadata = {{"name", "nothing"}}};
  for (auto& [name, tensor] : file.tensors) tensor.zero_();
  write_file(folder_ / "zeros.safetensors", to_safetensors(file.tensors, file.metadata));
  EXPECT_THAT(
      evaluated({"evaluate", "1", "--features", "zeros.safetensors"})["left_out"].dump(),
      HasSubstr("2048 features of nothing, bilinear 299, weights " +
                hash_of_file(folder_ / "zeros.safetensors").substr(0, 8) + " needs more images than that, got 40"));

  write_file(folder_ / "other.safetensors", to_safetensors({{"weight", torch::zeros({1})}}));
  const auto other = figment({"evaluate", "1", "--features", "other.safetensors"});
  EXPECT_EQ(other.code, 2);
  EXPECT_THAT(other.err, AllOf(HasSubstr("other.safetensors: does not fit"), HasSubstr("it lacks 'layers.1.beta'")));
  EXPECT_EQ(figment({"evaluate", "1", "--features", "none.safetensors"}).code, 2);
}

TEST_F(FeatureExtractor, ChoosesTheBestCheckpointAndIsKeptInTheRun) {
  train_classifier();
  const auto trained = figment(joined({"train", "gan", "--data", "data", "--parent", "features=2"}, kTinyGan));
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_THAT(trained.err, HasSubstr("frechet_distance"));
  fs::remove_all(folder_ / "runs/0002-classifier");
  EXPECT_TRUE(evaluated({"evaluate", "3"})["metrics"].contains("frechet_distance")) << "the run holds its classifier";

  EXPECT_THAT(figment(joined({"train", "gan", "--data", "data", "--parent", "features=1"}, kTinyGan)).err,
              HasSubstr("parents.features: 'runs/0001-vae' is a vae, which has no features of images"));
}

}  // namespace figment
