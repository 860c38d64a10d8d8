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

/// The last convolution by hand: an average over the maps is the same however the parts of the image are arranged.
TEST(Classifier, PooledFeaturesAreMeansOfTheLastMaps) {
  torch::manual_seed(0);
  Classifier model({.network = NetworkKind::kPooled, .width = 3}, data_of(8, 12));
  model.eval();
  const torch::NoGradGuard no_grad;
  const auto of = [&](const std::string& name) {
    for (const auto& tensors : {model.named_parameters(), model.named_buffers()})
      if (const Tensor* found = tensors.find(name)) return *found;
    throw std::logic_error(name);
  };
  for (const char* norm : {"first_norm", "second_norm", "third_norm"}) {
    of(std::string(norm) + ".running_mean").normal_(0, 0.1);
    of(std::string(norm) + ".running_var").uniform_(0.5, 2);
  }
  const auto layer = [&](const std::string& name, const Tensor& x) {  // (w * x - mean) / root(variance + 1e-5)
    const auto channel = [&](const std::string& part) { return of(name + "_norm." + part).view({1, -1, 1, 1}); };
    const Tensor y = torch::conv2d(x, of(name + ".weight"), {}, 1, 1);
    return torch::relu((y - channel("running_mean")) / (channel("running_var") + 1e-5).sqrt());
  };
  const Tensor x = torch::rand({5, 1, 8, 12}) * 2 - 1;
  const Tensor last = layer("third", torch::max_pool2d(layer("second", torch::max_pool2d(layer("first", x), 2)), 2));
  ASSERT_EQ(last.sizes(), torch::IntArrayRef({5, 6, 2, 3}));
  const Tensor features = last.sum({2, 3}) / 6;
  EXPECT_TRUE(torch::allclose(model.embed(x), features, 1e-5, 1e-6));
  EXPECT_TRUE(
      torch::allclose(model.logits(x), torch::linear(features, of("classes.weight"), of("classes.bias")), 1e-5, 1e-5));
}

TEST(Classifier, FeaturesOfThePooledNetworkAreNotASetting) {
  EXPECT_EQ(Classifier({.network = NetworkKind::kPooled}, data_of(28, 28)).embed(torch::zeros({2, 1, 28, 28})).size(1),
            64);
}

TEST(Classifier, ImagesThatDoNotFitGetASentence) {
  EXPECT_THROW(Classifier({}, data_of(3, 8)), ConfigError);
  Classifier model({.width = 4}, data_of(8, 8));
  EXPECT_THROW(model.embed(torch::zeros({1, 1, 8, 9})), ShapeError);
}

}  // namespace figment::classifier
