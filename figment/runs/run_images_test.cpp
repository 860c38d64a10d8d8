#include "figment/runs/run_images.h"

#include <gmock/gmock.h>

#include "figment/base/file.h"
#include "figment/runs/test_parts.h"
#include "tests/made_data.h"

namespace figment {
namespace {

const DataSpec kSpec{.x = PixelSpec{.channels = 3, .height = 2, .width = 4},
                     .condition = made_condition_spec({"labels", "gaze"})};

using RunImages = RunWithExamples;

TEST_F(RunImages, ExamplesComeBackWithEveryKindOfCondition) {
  const Batch examples = made_batch(kSpec, 6, 1);
  const LoadedRun run = run_of(std::make_unique<IdleModel>(), kSpec, examples);
  const Batch again = examples_of(run, 4);
  EXPECT_TRUE(again.x.equal(examples.x.narrow(0, 0, 4)));
  EXPECT_TRUE(again.condition.labels[1].equal(examples.condition.labels[1].narrow(0, 0, 4)));
  EXPECT_TRUE(again.condition.others.at("gaze").at("mask").equal(
      examples.condition.others.at("gaze").at("mask").narrow(0, 0, 4)));
  EXPECT_EQ(examples_of(run, 100).size(), 6) << "never more than there are";
}

TEST_F(RunImages, ExamplesOfOtherDataAreASentence) {
  const LoadedRun run = run_of(std::make_unique<IdleModel>(), kSpec, made_batch(kSpec, 6, 1));
  DataSpec other = kSpec;
  other.condition.labels.clear();
  EXPECT_THROW(load_examples(run.folder, other), DataError);
  write_file(run.folder.examples(), "no tensors");
  EXPECT_THROW(load_examples(run.folder, kSpec), CheckpointError);
}

TEST_F(RunImages, APictureOfAnySizeBecomesAnImageOfTheData) {
  const LoadedRun run = run_of(std::make_unique<IdleModel>(), kSpec, made_batch(kSpec, 1, 1));
  const Image grey{.width = 8, .height = 8, .channels = 1, .pixels = std::vector<uint8_t>(64, 255)};
  const Tensor x = tensor_of(run, {grey, grey});
  EXPECT_EQ(x.sizes(), torch::IntArrayRef({2, 3, 2, 4}));
  EXPECT_TRUE(x.eq(1).all().item<bool>());
}

TEST_F(RunImages, PointsAreOnePicture) {
  const DataSpec points{.x = PointSpec{.numbers = 2}};
  const LoadedRun run = run_of(std::make_unique<IdleModel>(), points, made_batch(points, 9, 1));
  EXPECT_EQ(pictures_of(run, torch::zeros({5, 2})).size(), 1u);
  EXPECT_EQ(images_of(torch::zeros({5, 1, 2, 2})).size(), 5u);
}

}  // namespace
}  // namespace figment
