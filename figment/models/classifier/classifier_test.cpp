#include "figment/models/classifier/classifier.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"

namespace figment::classifier {
namespace {

DataSpec data_of(int64_t height, int64_t width) {
  return {.x = PixelSpec{.channels = 1, .height = height, .width = width},
          .condition = {.labels = {LabelSpec{.names = {"left", "right", "both"}}}}};
}

}  // namespace

TEST(Classifier, FeaturesAreWhatTheClassesAreReadFrom) {
  torch::manual_seed(0);
  Classifier model({.width = 4, .features = 7}, data_of(9, 13));
  const torch::NoGradGuard no_grad;
  const Tensor x = torch::rand({5, 1, 9, 13}) * 2 - 1, features = model.embed(x);
  EXPECT_EQ(features.sizes(), torch::IntArrayRef({5, 7}));
  EXPECT_GE(features.min().item<double>(), 0);
  const Tensor weight = model.named_parameters()["classes.weight"], bias = model.named_parameters()["classes.bias"];
  EXPECT_TRUE(torch::allclose(model.logits(x), torch::linear(features, weight, bias), 1e-5, 1e-5));
}

TEST(Classifier, ImagesThatDoNotFitGetASentence) {
  EXPECT_THROW(Classifier({}, data_of(3, 8)), ConfigError);
  Classifier model({.width = 4}, data_of(8, 8));
  EXPECT_THROW(model.embed(torch::zeros({1, 1, 8, 9})), ShapeError);
}

}  // namespace figment::classifier
