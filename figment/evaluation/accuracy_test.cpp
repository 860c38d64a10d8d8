#include "figment/evaluation/accuracy.h"

#include <gmock/gmock.h>

#include "figment/evaluation/test_subject.h"

namespace figment {
namespace {

/// Two classes: dark and bright.
struct Brightness final : testing::Untrained, Classifies {
  Tensor logits(const Tensor& x) override {
    const Tensor mean = x.mean({1, 2, 3});
    return torch::stack({-mean, mean}, 1);
  }
};

Batch pixels_with_classes(const std::vector<float>& pixels, const std::vector<int64_t>& classes) {
  return {.x = torch::tensor(pixels).view({-1, 1, 1, 1}), .condition = {.labels = {torch::tensor(classes)}}};
}

}  // namespace

TEST(Accuracy, IsTheShareOverAllImages) {
  Brightness model;
  Evaluation evaluation;
  measure_accuracy(
      testing::subject_of(model, {pixels_with_classes({-1, 1, 1, -0.5}, {0, 1, 1, 1}),  // the last is wrong
                                  pixels_with_classes({0.5}, {1})}),
      evaluation);
  EXPECT_DOUBLE_EQ(testing::value_of(evaluation, "accuracy"), 0.8);
  EXPECT_EQ(evaluation.metrics.at(0).n, 5);
}

TEST(Accuracy, NeedsTheClassOfEachImage) {
  Brightness model;
  Evaluation evaluation;
  measure_accuracy(testing::subject_of(model, {{.x = torch::ones({2, 1, 1, 1})}}), evaluation);
  EXPECT_TRUE(evaluation.metrics.empty());
  EXPECT_THAT(evaluation.left_out, ::testing::ElementsAre(::testing::HasSubstr("needs the class of each image")));
}

}  // namespace figment
