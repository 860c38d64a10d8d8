#include "figment/evaluation/feature_distances.h"

#include <gmock/gmock.h>

#include <cmath>

#include "figment/base/error.h"

namespace figment {
namespace {

double number(const Tensor& t) { return t.item<double>(); }

/// Points with exactly this mean and covariance.
Tensor points_of(const Tensor& mean, const Tensor& covariance, int64_t count) {
  const Tensor x = torch::randn({count, mean.size(0)}, torch::kDouble), centred = x - x.mean(0);
  const Tensor own = centred.t().mm(centred) / double(count - 1);
  const Tensor whitened = centred.mm(torch::linalg_inv(torch::linalg_cholesky(own)).t());
  return whitened.mm(torch::linalg_cholesky(covariance).t()) + mean;
}

Tensor matrix(std::initializer_list<double> values, int64_t side) {
  return torch::tensor(std::vector<double>(values), torch::kDouble).view({-1, side}).squeeze(0);
}

class Features : public testing::Test {
 protected:
  Features() { torch::manual_seed(0); }
};

}  // namespace

TEST_F(Features, FrechetDistanceIsTheClosedForm) {
  const Tensor a = points_of(matrix({0, 0}, 2), matrix({2, .5, .5, 1}, 2), 50);
  EXPECT_NEAR(frechet_distance(a, points_of(matrix({1, 2}, 2), matrix({1, -.3, -.3, 3}, 2), 40)), 5.929311854967773,
              1e-9);
  EXPECT_NEAR(frechet_distance(a, points_of(matrix({1, -1}, 2), matrix({1, 0, 0, 3}, 2), 40)), 2.80885287, 1e-8);
}

TEST_F(Features, FrechetDistanceIsASymmetricDistanceThatTurningDoesNotChange) {
  const Tensor a = torch::randn({60, 5}, torch::kDouble), b = torch::randn({70, 5}, torch::kDouble) * 2 + 1;
  const double distance = frechet_distance(a, b);
  EXPECT_NEAR(frechet_distance(a, a), 0, 1e-9);
  EXPECT_NEAR(frechet_distance(b, a), distance, 1e-9);
  const Tensor turn = std::get<0>(torch::linalg_qr(torch::randn({5, 5}, torch::kDouble)));
  EXPECT_NEAR(frechet_distance(a.mm(turn), b.mm(turn)), distance, 1e-9);
  const Tensor x = a.narrow(1, 0, 1), y = b.narrow(1, 0, 1);
  EXPECT_NEAR(frechet_distance(x, y), std::pow(number(x.mean() - y.mean()), 2) + std::pow(number(x.std() - y.std()), 2),
              1e-9);
}

TEST_F(Features, FrechetDistanceOfFeaturesThatAreAlwaysZero) {
  const Tensor a = torch::cat({torch::randn({50, 3}), torch::zeros({50, 2})}, 1),
               b = torch::cat({torch::randn({50, 3}), torch::zeros({50, 2})}, 1);
  EXPECT_NEAR(frechet_distance(a, b), frechet_distance(a.narrow(1, 0, 3), b.narrow(1, 0, 3)), 1e-6);
  EXPECT_NEAR(frechet_distance(a.narrow(0, 0, 3), b.narrow(0, 0, 3)) >= -1e-6, true, 0) << "fewer images than features";
}

TEST_F(Features, KernelDistanceIsTheUnbiasedFormulaOfAllWhereThereAreFew) {
  const Tensor x = torch::randn({20, 4}, torch::kDouble), y = torch::randn({20, 4}, torch::kDouble) + 0.5;
  double within = 0, across = 0;
  const auto k = [](const Tensor& a, const Tensor& b) { return std::pow(number(a.dot(b)) / 4 + 1, 3); };
  for (int64_t i = 0; i < 20; ++i)
    for (int64_t j = 0; j < 20; ++j) {
      if (i != j) within += k(x[i], x[j]) + k(y[i], y[j]);
      across += k(x[i], y[j]);
    }
  const KernelDistance distance = kernel_distance(x, y, 0);
  EXPECT_NEAR(distance.mean, within / (20 * 19) - 2 * across / (20 * 20), 1e-9);
  EXPECT_NEAR(distance.deviation, 0, 1e-9);
}

TEST_F(Features, KernelDistanceOfHalvesOfOneSetIsZeroWithinItsSpread) {
  const Tensor all = torch::randn({6000, 8});
  const KernelDistance same = kernel_distance(all.narrow(0, 0, 3000), all.narrow(0, 3000, 3000), 1);
  EXPECT_LT(std::abs(same.mean), 3 * same.deviation);
  EXPECT_EQ(kernel_distance(all.narrow(0, 0, 3000), all.narrow(0, 3000, 3000), 1).mean, same.mean);
  EXPECT_GT(kernel_distance(all.narrow(0, 0, 3000), all.narrow(0, 3000, 3000) + 1, 1).mean, 10 * same.deviation);
}

TEST_F(Features, InceptionScoreLiesBetweenOneAndTheNumberOfClasses) {
  EXPECT_NEAR(inception_score(torch::full({100, 10}, 0.1)).mean, 1, 1e-6);
  EXPECT_NEAR(inception_score(torch::eye(10).repeat({10, 1})).mean, 10, 1e-6);
  EXPECT_NEAR(inception_score(torch::eye(10).narrow(0, 0, 1).repeat({100, 1})).mean, 1, 1e-6);
}

TEST_F(Features, ManifoldsAreTheirDefinition) {
  const Tensor real = torch::randn({40, 3}), generated = torch::randn({30, 3}) * 0.8 + 0.3;
  const auto distance = [](const Tensor& a, const Tensor& b) { return (a.unsqueeze(1) - b.unsqueeze(0)).norm(2, 2); };
  const auto radius = [&](const Tensor& x, int64_t k) { return std::get<0>(distance(x, x).sort(1)).select(1, k); };
  const Tensor across = distance(generated, real);
  const auto share = [](const Tensor& hits) { return number(hits.to(torch::kDouble).mean()); };
  const Manifolds found = manifolds(real, generated, 3, 5);
  EXPECT_NEAR(found.precision, share((across <= radius(real, 3)).any(1)), 1e-12);
  EXPECT_NEAR(found.recall, share((across <= radius(generated, 3).unsqueeze(1)).any(0)), 1e-12);
  EXPECT_NEAR(found.density, number((across <= radius(real, 5)).sum()) / (5 * 30), 1e-12);
  EXPECT_NEAR(found.coverage, share((across <= radius(real, 5)).any(0)), 1e-12);
}

TEST_F(Features, ManifoldsOfOneDistributionHaveTheExpectedShares) {
  const Manifolds found = manifolds(torch::randn({3000, 4}), torch::randn({3000, 4}));
  EXPECT_NEAR(found.density, 1, 0.05);
  EXPECT_NEAR(found.coverage, 1 - std::pow(2, -5), 0.02);
}

TEST_F(Features, CopiesAreInsideAndDuplicatesHaveBallsWithoutWidth) {
  const Tensor real = torch::randn({50, 3}), copies = real.clone();
  const Manifolds found = manifolds(real, copies);
  EXPECT_EQ(found.precision, 1);
  EXPECT_EQ(found.coverage, 1);
  const Manifolds far = manifolds(torch::ones({20, 3}), torch::zeros({20, 3}));
  EXPECT_EQ(far.precision, 0);
  EXPECT_EQ(far.recall, 0);
}

TEST_F(Features, NearestNeighboursAreFoundAcrossBlocks) {
  const Tensor among = torch::randn({1500, 4}),
               x = torch::cat({among.narrow(0, 1400, 3) + 1e-3, torch::randn({1100, 4})});
  const Neighbours found = nearest_neighbours(x, among);
  EXPECT_EQ(found.index[1].item<int64_t>(), 1401);
  const Tensor exact = (x[1050] - among).norm(2, 1);
  EXPECT_NEAR(number(found.distance[1050]), number(exact.min()), 1e-3);
  EXPECT_EQ(found.index[1050].item<int64_t>(), exact.argmin().item<int64_t>());
}

TEST_F(Features, TooFewImagesOrOtherFeaturesGetASentence) {
  EXPECT_THROW(frechet_distance(torch::zeros({1, 3}), torch::zeros({5, 3})), ShapeError);
  EXPECT_THROW(frechet_distance(torch::zeros({5, 3}), torch::zeros({5, 4})), ShapeError);
  EXPECT_THROW(manifolds(torch::zeros({5, 3}), torch::zeros({9, 3})), ShapeError);
}

}  // namespace figment
