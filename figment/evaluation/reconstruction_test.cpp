#include "figment/evaluation/reconstruction.h"

#include <gmock/gmock.h>

#include "figment/evaluation/test_subject.h"

namespace figment {
namespace {

/// Black, whatever it is given.
struct Black final : testing::Untrained, Reconstructs {
  Tensor reconstruct(const Tensor& x) override { return torch::full_like(x, -1); }
};

}  // namespace

/// Grey is 0.5 of [0,1] away from black, white is 1: squared 0.25 and 1, whatever the image's size.
TEST(Reconstruction, IsTheSquaredErrorOnTheUnitIntervalPerPixel) {
  Black model;
  Evaluation evaluation;
  const Tensor grey = torch::zeros({3, 1, 2, 5}), white = torch::ones({1, 1, 2, 5});
  measure_reconstruction(testing::subject_of(model, {{.x = grey}, {.x = white}}), evaluation);
  EXPECT_DOUBLE_EQ(testing::value_of(evaluation, "reconstruction_mse"), (3 * 0.25 + 1) / 4);
  EXPECT_NEAR(*evaluation.metrics.at(0).spread, 0.375 / 2, 1e-12) << "deviation over the root of four";
}

}  // namespace figment
