#include <gmock/gmock.h>
#include <torch/torch.h>

#include "figment/base/error.h"
#include "figment/checkpoint/safetensors.h"

namespace figment {
namespace {
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Key;
using testing::Not;

struct Net : torch::nn::Module {
  Net() {
    first = register_module("first", torch::nn::Linear(2, 3));
    norm = register_module("norm", torch::nn::BatchNorm1d(3));
    strength = register_buffer("strength", torch::zeros({}));
  }
  torch::nn::Linear first{nullptr};
  torch::nn::BatchNorm1d norm{nullptr};
  at::Tensor strength;
};

std::string sentence(const TensorMap& from, const TensorMap& into) {
  try {
    load_strictly(from, into, "x.safetensors");
    return "";
  } catch (const CheckpointError& error) { return error.what(); }
}

TEST(TensorsOf, NamesParametersAndBuffersByTheirPaths) {
  EXPECT_THAT(tensors_of(Net()),
              ElementsAre(Key("first.bias"), Key("first.weight"), Key("norm.bias"), Key("norm.num_batches_tracked"),
                          Key("norm.running_mean"), Key("norm.running_var"), Key("norm.weight"), Key("strength")));
}

TEST(LoadStrictly, AModuleComesBackFromItsFile) {
  Net from, into;
  from.strength.fill_(0.75);
  load_strictly(from_safetensors(to_safetensors(tensors_of(from)), "x").tensors, tensors_of(into), "x");
  for (const auto& [name, tensor] : tensors_of(from)) EXPECT_TRUE(tensors_of(into).at(name).equal(tensor)) << name;
  EXPECT_EQ(into.strength.item<float>(), 0.75);
  EXPECT_TRUE(into.first->weight.requires_grad());
}

TEST(LoadStrictly, SaysEverythingInOneSentence) {
  const TensorMap from{
      {"a", at::ones({2})}, {"b", at::ones({3})}, {"c", at::ones({1}, at::kHalf)}, {"z", at::ones({1})}};
  const TensorMap into{{"a", at::zeros({2})}, {"b", at::zeros({2, 2})}, {"c", at::zeros({1})}, {"d", at::zeros({1})}};
  EXPECT_EQ(
      sentence(from, into),
      "x.safetensors: does not fit what it is loaded into; it lacks 'd'; it also has 'z'; it has other shapes or types "
      "in 'b' (Float [3] instead of Float [2, 2]) and 'c' (Half [1] instead of Float [1])");
}

TEST(LoadStrictly, TouchesNothingWhenSomethingIsWrong) {
  const TensorMap into{{"a", at::zeros({2})}, {"b", at::zeros({2})}};
  EXPECT_NE(sentence({{"a", at::ones({2})}}, into), "");
  EXPECT_TRUE(into.at("a").equal(at::zeros({2})));
}

TEST(LoadStrictly, NamesTwelveAndCountsTheRest) {
  TensorMap into;
  for (int i = 10; i < 30; ++i) into[std::to_string(i)] = at::zeros({1});
  EXPECT_THAT(sentence({}, into), AllOf(HasSubstr("'21' and 8 more"), Not(HasSubstr("'22'"))));
}

}  // namespace
}  // namespace figment
