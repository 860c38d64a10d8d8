// The figures that torch-fidelity gives for the features in testdata/, which make_features.py wrote.
#include <gmock/gmock.h>

#include <cmath>

#include "figment/checkpoint/safetensors.h"
#include "figment/evaluation/feature_distances.h"

namespace figment {
namespace {

class Parity : public testing::Test {
 protected:
  const TensorFile file = load_safetensors(FIGMENT_SOURCE "/figment/evaluation/testdata/features.safetensors");
  const Tensor &real = file.tensors.at("real"), &generated = file.tensors.at("generated");
  double theirs(const std::string& figure) const { return std::stod(file.metadata.at(figure)); }
};

MATCHER_P(IsNear, value, "") { return std::abs(arg - value) <= 1e-3 * std::abs(value); }

}  // namespace

TEST_F(Parity, FrechetDistance) { EXPECT_THAT(frechet_distance(real, generated), IsNear(theirs("frechet_distance"))); }

TEST_F(Parity, KernelDistance) {
  EXPECT_THAT(kernel_distance(real, generated, 0).mean, IsNear(theirs("kernel_distance")));
}

TEST_F(Parity, PrecisionAndRecall) {
  const Manifolds found = manifolds(real, generated);
  EXPECT_THAT(found.precision.mean, IsNear(theirs("precision")));
  EXPECT_THAT(found.recall.mean, IsNear(theirs("recall")));
}

TEST_F(Parity, InceptionScore) {
  const Score score = inception_score(file.tensors.at("logits").softmax(1));
  EXPECT_THAT(score.mean, IsNear(theirs("inception_score")));
  // theirs divides by the number of parts, ours by one less
  EXPECT_THAT(score.deviation, IsNear(theirs("inception_score_deviation") * std::sqrt(10. / 9)));
}

}  // namespace figment
