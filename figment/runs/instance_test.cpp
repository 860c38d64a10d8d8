#include "figment/runs/instance.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "tests/made_data.h"

namespace figment {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Recipe recipe_of(const std::string& text) { return read_recipe(Table::parse(text, "recipe.toml")); }

const DataSpec kGrey{.x = PixelSpec{.channels = 1, .height = 8, .width = 8}};

TEST(Instance, AResolvedRecipeLeavesNothingToDecide) {
  const Recipe recipe = resolved(recipe_of("[model]\nid = \"vae\"\n[training]\ndevice = \"cpu\"\n"), 3);
  EXPECT_EQ(recipe.training.threads, 3);
  EXPECT_EQ(recipe.training.device, "cpu");
  EXPECT_NE(recipe.training.precision, Precision::kAuto);
  EXPECT_EQ(resolved(recipe, 7).training.threads, 3) << "what is decided stays";
}

TEST(Instance, FigmentChoosesProcessesWhereNothingIsSaidOfThemOrOfThreads) {
  const auto chosen = [](int cores, int64_t batch_size, int64_t micro_batches = 1) {
    return chosen_processes({.batch_size = batch_size, .micro_batches = micro_batches, .device = "cpu"}, cores);
  };
  EXPECT_EQ(chosen(1, 128), 1);
  EXPECT_EQ(chosen(2, 128), 2);
  EXPECT_EQ(chosen(2, 16), 2);
  EXPECT_EQ(chosen(2, 15), 1) << "7 images are too few";
  EXPECT_EQ(chosen(2, 128, 16), 1) << "a part counts";
  EXPECT_EQ(chosen(6, 128), 4) << "6 do not divide it";
  EXPECT_EQ(chosen(16, 128), 16);
  EXPECT_EQ(chosen(32, 128), 16);
  EXPECT_EQ(chosen(64, 128), 1) << "most cores would be idle";

  const auto training = [](const std::string& settings, int most_processes) {
    return resolved(recipe_of("[model]\nid = \"vae\"\n[training]\ndevice = \"cpu\"\n" + settings), 2, most_processes)
        .training;
  };
  EXPECT_EQ(training("", 2).processes, 2);
  EXPECT_EQ(training("", 2).threads, 1) << "of each";
  EXPECT_EQ(training("", 1).processes, 1) << "a product gets none that it did not ask for";
  EXPECT_EQ(training("", 1).threads, 2);
  EXPECT_EQ(training("threads = 2\n", 2).processes, 1) << "threads are those of one process";
  EXPECT_EQ(training("processes = 1\n", 2).threads, 2);
}

TEST(Instance, OnTheProcessorEveryOperationRepeatsExactly) {
  at::globalContext().setDeterministicAlgorithms(false, false);
  EXPECT_TRUE(repeats_exactly(use_device("cpu")));
  EXPECT_TRUE(at::globalContext().deterministicAlgorithms());
  EXPECT_FALSE(at::globalContext().deterministicAlgorithmsWarnOnly());
}

TEST(Instance, EqualSeedsGiveEqualWeightsInEitherMemoryLayout) {
  Recipe recipe = recipe_of("[model]\nid = \"vae\"\n");
  recipe.training.channels_last = true;
  const auto a = make_model(recipe, kGrey, {}, torch::kCPU), b = make_model(recipe, kGrey, {}, torch::kCPU);
  recipe.training.channels_last = false;
  const auto plain = make_model(recipe, kGrey, {}, torch::kCPU);
  recipe.training.seed += 1;
  const auto other = make_model(recipe, kGrey, {}, torch::kCPU);
  EXPECT_TRUE(a->parameters()[0].equal(b->parameters()[0]));
  EXPECT_TRUE(a->parameters()[0].equal(plain->parameters()[0]));
  EXPECT_FALSE(a->parameters()[0].equal(other->parameters()[0]));
}

TEST(Instance, DataThatAModelDoesNotTakeIsASentenceNotAMistakeOfFigment) {
  const auto make = [](const char* model, const DataSpec& spec) {
    return [=] { make_model(recipe_of(std::string("[model]\nid = \"") + model + "\"\n"), spec, {}, torch::kCPU); };
  };
  const DataSpec points{.x = PointSpec{.numbers = 2}};
  EXPECT_THAT(make("pixel_cnn", points),
              ThrowsMessage<DataError>(HasSubstr("pixel_cnn models pixels and codes; 'fashion-mnist' holds points")));
  EXPECT_THAT(make("vae", points), ThrowsMessage<DataError>(HasSubstr("vae models pixels;")));
  EXPECT_THAT(make("classifier", kGrey),
              ThrowsMessage<DataError>(HasSubstr("classifier needs data with labels beside each image; 'fashion-mnist' "
                                                 "has none")));
}

TEST(Instance, FewerImagesThanABatchAreRefused) {
  const Recipe recipe = recipe_of("[model]\nid = \"vae\"\n[training]\nbatch_size = 50\n");
  EXPECT_THAT([&] { expect_fit(recipe, kGrey, {}, 49); },
              ThrowsMessage<ConfigError>(HasSubstr("training.batch_size is 50, the data has 49 images to train on")));
  EXPECT_TRUE(expect_fit(recipe, kGrey, {}, 50));
}

}  // namespace
}  // namespace figment
