// The scores of a whole run, and the checkpoint they choose: tests/feature_extractor_test.cpp, tests/resume_test.cpp.
#include "figment/runs/scorer.h"

#include <gmock/gmock.h>

#include <cmath>

#include "figment/base/error.h"

namespace figment {
namespace {
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Best, ALowerScoreIsBetterAndAnEqualOneIsNot) {
  Best best;
  EXPECT_TRUE(best.improve(100, 3.0));
  EXPECT_FALSE(best.improve(200, 3.0));
  EXPECT_FALSE(best.improve(300, 4.0));
  EXPECT_EQ(best.images, 100);
  EXPECT_TRUE(best.improve(400, -1.0));
  EXPECT_EQ(best.images, 400);
  EXPECT_EQ(best.score, -1);
}

TEST(Best, NanAndInfinityAreNeverTheBest) {
  Best best;
  EXPECT_FALSE(best.improve(100, NAN));
  EXPECT_FALSE(best.improve(100, -INFINITY));
  EXPECT_EQ(best.images, 0);
}

TEST(Best, WithoutAScoreTheLastIsTheBest) {
  Best best;
  for (const int64_t images : {100, 200, 300}) {
    EXPECT_TRUE(best.improve(images, std::nullopt));
    EXPECT_EQ(best.images, images);
  }
}

TEST(Best, ARisingDistanceIsToldOnceAfterEachBest) {
  Best best;
  EXPECT_FALSE(best.warn_of_rising(1000)) << "nothing to compare it with";
  best.improve(100, 10.0);
  EXPECT_FALSE(best.warn_of_rising(15.0)) << "1.5 times is evaluation noise";
  const auto warning = best.warn_of_rising(15.1);
  ASSERT_TRUE(warning);
  EXPECT_THAT(*warning, AllOf(HasSubstr("is now 15.1, it was 10 after 100 images"), HasSubstr("stays the best one")));
  EXPECT_FALSE(best.warn_of_rising(99));
  best.improve(200, 9.0);
  EXPECT_TRUE(best.warn_of_rising(99)) << "there is a new best";
}

TEST(Best, ComesBackFromACheckpointWithoutItsTensors) {
  const Best best{.score = 0.1, .images = 7, .warned = true};
  TensorMap state = best.state();
  state["iteration"] = torch::tensor(int64_t(3));
  const Best back = Best::take_from(state, "x");
  EXPECT_EQ(back.score, 0.1);
  EXPECT_EQ(back.images, 7);
  EXPECT_TRUE(back.warned);
  EXPECT_EQ(state.size(), 1u) << "what is left is the trainer's";
}

TEST(Best, ACheckpointWithoutItIsASentence) {
  TensorMap state = Best().state();
  state.erase("best.images");
  EXPECT_THAT([&] { Best::take_from(state, "trainer.safetensors"); },
              ThrowsMessage<CheckpointError>(AllOf(HasSubstr("trainer.safetensors: "), HasSubstr("'best.images'"))));
}

}  // namespace
}  // namespace figment
