#include "figment/evaluation/inception.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "figment/base/error.h"
#include "figment/tensor/images.h"

namespace figment {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// Of count numbers in [-1,1], as if by chance, that any program can compute again.
Tensor scattered(int64_t count, int64_t seed) {
  const Tensor x = torch::sin(torch::arange(count, torch::kDouble) * 12.9898 + double(seed)) * 43758.5453;
  return 2 * (x - x.floor()) - 1;
}

/// Weights that let the size of the maps be; the seed is the place of the name among all.
TensorFile scattered_file() {
  static const TensorFile all = [] {
    TensorFile file{.tensors = inception_tensors(), .metadata = {{"name", "scattered"}}};
    int64_t place = 0;
    for (auto& [name, tensor] : file.tensors) {
      const Tensor values = scattered(tensor.numel(), place++).view(tensor.sizes());
      const Tensor scaled = name.ends_with("weight")     ? values * std::sqrt(6 / double(tensor[0].numel()))
                            : name.ends_with("variance") ? 1 + values / 2
                                                         : values / 2;
      tensor = scaled.to(torch::kFloat);
    }
    return file;
  }();
  return all;
}

/// [1,3,height,width]
Tensor stripes(int64_t height, int64_t width) {
  const Tensor channel = torch::arange(3).view({3, 1, 1}), row = torch::arange(height).view({height, 1}),
               column = torch::arange(width);
  return from_bytes(((3 * column + 5 * row + 80 * channel) % 256).to(torch::kByte)).unsqueeze(0);
}

void expect_features(const Tensor& features, const std::vector<std::pair<int64_t, double>>& expected, double share) {
  for (const auto& [index, value] : expected)
    EXPECT_NEAR(features[index].item<double>(), value, share * value) << "feature " << index;
}

std::string refusal(const TensorFile& file) {
  try {
    Inception(file, "x.safetensors");
  } catch (const CheckpointError& error) { return error.what(); }
  return "";
}

bool near(const Tensor& a, const Tensor& b) { return torch::allclose(a, b, 1e-4, 1e-5); }

}  // namespace

TEST(Inception, HasTheTensorsOfThePaper) {
  const TensorMap tensors = inception_tensors();
  int64_t parameters = 0;
  for (const auto& [name, tensor] : tensors) parameters += tensor.numel();
  EXPECT_EQ(tensors.size(), 94 * 4);
  EXPECT_EQ(parameters, 21'802'784) << "what Keras counts without classes";
  const auto shape = [&](const char* name) { return tensors.at(name).sizes().vec(); };
  EXPECT_EQ(shape("layers.1.weight"), (std::vector<int64_t>{32, 3, 3, 3}));
  EXPECT_EQ(shape("layers.38.weight"), (std::vector<int64_t>{128, 128, 7, 1}));
  EXPECT_EQ(shape("layers.39.weight"), (std::vector<int64_t>{192, 128, 1, 7}));
  EXPECT_EQ(shape("layers.82.weight"), (std::vector<int64_t>{384, 448, 3, 3}));
  EXPECT_EQ(shape("layers.94.weight"), (std::vector<int64_t>{192, 2048, 1, 1}));
  EXPECT_EQ(shape("layers.94.variance"), (std::vector<int64_t>{192}));
}

TEST(Inception, AnImageHasTheSameFeaturesAloneAndInABatchAndGreyIsAColour) {
  const torch::NoGradGuard no_grad;
  Inception inception(scattered_file(), "scattered");
  EXPECT_EQ(inception.name(), "scattered, bilinear 299");
  const Tensor grey = torch::rand({2, 1, 20, 28}) * 2 - 1, both = inception.embed(grey);
  EXPECT_EQ(both.sizes(), (std::vector<int64_t>{2, 2048}));
  EXPECT_FALSE(near(both[0], both[1]));
  EXPECT_TRUE(near(inception.embed(grey.narrow(0, 1, 1).repeat({1, 3, 1, 1}))[0], both[1]));
  EXPECT_THROW(inception.embed(torch::zeros({1, 4, 8, 8})), ShapeError);
}

TEST(Inception, FinePatternsOfLargeImagesBecomeTheirMean) {
  const torch::NoGradGuard no_grad;
  Inception inception(scattered_file(), "scattered");
  const Tensor at = torch::arange(598);
  const Tensor board = ((at.view({-1, 1}) + at) % 2 * 2 - 1).to(torch::kFloat).view({1, 1, 598, 598});
  const Tensor even = inception.embed(torch::zeros({1, 1, 1, 1}));
  EXPECT_LT((inception.embed(board) - even).norm().item<double>(), 0.01 * even.norm().item<double>());
}

TEST(Inception, AFileThatDoesNotFitIsASentence) {
  TensorFile file = scattered_file();
  file.tensors.erase("layers.7.mean");
  file.tensors["layers.94.weight"] = torch::zeros({192, 2048, 3, 3});
  file.tensors["classes.weight"] = torch::zeros({5, 2048});
  EXPECT_EQ(refusal(file),
            "x.safetensors: does not fit what it is loaded into; it lacks 'layers.7.mean'; it also has "
            "'classes.weight'; it has other shapes or types in 'layers.94.weight' (Float [192, 2048, 3, 3] instead of "
            "Float [192, 2048, 1, 1])");
  EXPECT_THAT(refusal({.tensors = inception_tensors()}), HasSubstr("which weights these are ('name'), got nothing"));
  file = scattered_file();
  file.tensors["layers.3.variance"] = torch::full({64}, -1.f);
  EXPECT_THAT(refusal(file), AllOf(HasSubstr("no negative variances"), HasSubstr("layer 3")));
}

// Recomputed in Python: the resizer by Pillow, the network by PyTorch with the normalisation on its own.
TEST(Inception, AgreesWithAnotherProgram) {
  const torch::NoGradGuard no_grad;
  const Tensor features = Inception(scattered_file(), "scattered").embed(stripes(350, 200))[0];
  expect_features(
      features, {{0, 0.5177155}, {319, 5.419397}, {320, 8.137471}, {704, 8.452266}, {1088, 12.94686}, {1856, 15.75767}},
      1e-3);
  EXPECT_NEAR(features.norm().item<double>(), 348.2741, 0.01);
}

// Of the features that the package's own network (nsfwjs 4.3.0 in TensorFlow.js 4.22.0, its CPU backend) has before its
// first dense layer.
TEST(Inception, AgreesWithTensorFlow) {
  const std::filesystem::path path = FIGMENT_SOURCE "/.deps/inception.safetensors";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "tools/inception has not fetched " << path;
  const torch::NoGradGuard no_grad;
  Inception inception(load_safetensors(path), path.string());
  EXPECT_EQ(inception.name(), "nsfwjs-inception u8, bilinear 299");
  const Tensor features = inception.embed(stripes(299, 299))[0];
  expect_features(features,
                  {{0, 0.2200867},
                   {6, 0.09818331},
                   {9, 0.1315082},
                   {46, 0.4451714},
                   {292, 0.5158943},
                   {1974, 0.3930743},
                   {2029, 0.4228401},
                   {2046, 0.5106882}},
                  1e-5);
  EXPECT_NEAR(features.norm().item<double>(), 1.76606, 1e-5);
  EXPECT_NEAR((features == 0).sum().item<double>(), 1881, 2);
}

}  // namespace figment
