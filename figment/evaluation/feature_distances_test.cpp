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

/// The real images are fewer here, so most of the spread is theirs: one that draws the generated ones alone is a third.
TEST_F(Features, FrechetSpreadIsWhatOtherImagesOfBothKindsDoToTheDistance) {
  const auto real = [] { return torch::randn({200, 4}); };
  const auto drawn = [] { return 1.2 * torch::randn({2000, 4}) + 0.3; };
  std::vector<double> of_draws, of_spreads;
  for (int64_t i = 0; i < 40; ++i) {
    of_draws.push_back(frechet_distance(real(), drawn()));
    of_spreads.push_back(frechet_spread(real(), drawn(), i));
  }
  const double deviation = number(torch::tensor(of_draws, torch::kDouble).std()),
               spread = number(torch::tensor(of_spreads, torch::kDouble).mean());
  EXPECT_NEAR(spread / deviation, 1, 0.35);
  const Tensor one = real(), other = drawn();
  EXPECT_EQ(frechet_spread(one, other, 0), frechet_spread(one, other, 0));
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
  EXPECT_FALSE(distance.deviation) << "one subset does not deviate from itself";
  EXPECT_GT(kernel_distance(x, torch::randn({21, 4}, torch::kDouble), 0).deviation.value_or(0), 0) << "subsets of one";
}

TEST_F(Features, KernelDistanceOfHalvesOfOneSetIsZeroWithinItsSpread) {
  const Tensor all = torch::randn({6000, 8});
  const KernelDistance same = kernel_distance(all.narrow(0, 0, 3000), all.narrow(0, 3000, 3000), 1);
  EXPECT_LT(std::abs(same.mean), 3 * same.deviation.value());
  EXPECT_EQ(kernel_distance(all.narrow(0, 0, 3000), all.narrow(0, 3000, 3000), 1).mean, same.mean);
  EXPECT_GT(kernel_distance(all.narrow(0, 0, 3000), all.narrow(0, 3000, 3000) + 1, 1).mean,
            10 * same.deviation.value());
}

TEST_F(Features, InceptionScoreLiesBetweenOneAndTheNumberOfClasses) {
  EXPECT_NEAR(inception_score(torch::full({100, 10}, 0.1)).mean, 1, 1e-6);
  EXPECT_NEAR(inception_score(torch::eye(10).repeat({10, 1})).mean, 10, 1e-6);
  EXPECT_NEAR(inception_score(torch::eye(10).narrow(0, 0, 1).repeat({100, 1})).mean, 1, 1e-6);
}

namespace {

/// All distances in double.
Tensor distances(const Tensor& a, const Tensor& b) {
  return (a.to(torch::kDouble).unsqueeze(1) - b.to(torch::kDouble).unsqueeze(0)).norm(2, 2);
}

void expect_definition(const Tensor& real, const Tensor& generated, int64_t k, int64_t k_wide) {
  const auto radius = [&](const Tensor& x, int64_t n) { return std::get<0>(distances(x, x).sort(1)).select(1, n); };
  const auto expect = [](const Score& found, const Tensor& of_images, const char* name) {
    const Tensor x = of_images.to(torch::kDouble);
    EXPECT_NEAR(found.mean, number(x.mean()), 1e-12) << name;
    EXPECT_NEAR(found.deviation, number(x.std()) / std::sqrt(double(x.numel())), 1e-12) << name;
  };
  const Tensor across = distances(generated, real);
  const Manifolds found = manifolds(real, generated, k, k_wide);
  expect(found.precision, (across <= radius(real, k)).any(1), "precision");
  expect(found.recall, (across <= radius(generated, k).unsqueeze(1)).any(0), "recall");
  expect(found.density, (across <= radius(real, k_wide)).sum(1).to(torch::kDouble) / double(k_wide), "density");
  expect(found.coverage, (across <= radius(real, k_wide)).any(0), "coverage");
}

}  // namespace

TEST_F(Features, ManifoldsAreTheirDefinition) {
  expect_definition(torch::randn({40, 3}), torch::randn({30, 3}) * 0.8 + 0.3, 3, 5);
  expect_definition(torch::randn({30, 3}), torch::randn({40, 3}), 5, 3);
}

TEST_F(Features, ManifoldsAreTheirDefinitionAcrossBlocksAndFarFromZero) {
  const Tensor spread = torch::randn({6, 12});
  const auto points = [&](int64_t count, double noise) {
    return torch::relu(torch::randn({count, 6}).mm(spread)) + noise * torch::randn({count, 12}) + 100;
  };
  expect_definition(points(1100, 0.1), points(1200, 0.5), 3, 5);
}

TEST_F(Features, DistancesFarBelowTheRoundingOfTheScreenAreToldApart) {
  const Tensor clusters = 1e3 * torch::randn({8, 12}), at = torch::randint(8, {200});
  expect_definition(clusters.index_select(0, at) + 1e-2 * torch::randn({200, 12}),
                    clusters.index_select(0, at) + 1e-2 * torch::randn({200, 12}), 3, 5);
}

TEST_F(Features, DistancesThatAreEqualAreEqual) {  // many points on few places of a grid: balls end where others begin
  expect_definition(torch::randint(3, {150, 4}).to(torch::kFloat), torch::randint(3, {170, 4}).to(torch::kFloat), 3, 5);
  const Tensor twice = torch::randn({50, 7}).repeat({6, 1});  // balls without width, and who lies in them
  expect_definition(twice, twice.narrow(0, 20, 60), 3, 5);
}

TEST_F(Features, ManifoldsOfOneDistributionHaveTheExpectedShares) {
  const Manifolds found = manifolds(torch::randn({3000, 4}), torch::randn({3000, 4}));
  EXPECT_NEAR(found.density.mean, 1, 0.05);
  EXPECT_NEAR(found.coverage.mean, 1 - std::pow(2, -5), 0.02);
}

TEST_F(Features, CopiesAreInside) {
  const Tensor real = torch::randn({50, 3}), copies = real.clone();
  const Manifolds found = manifolds(real, copies);
  EXPECT_EQ(found.precision.mean, 1);
  EXPECT_EQ(found.coverage.mean, 1);
  const Manifolds far = manifolds(torch::ones({20, 3}), torch::zeros({20, 3}));
  EXPECT_EQ(far.precision.mean, 0);
  EXPECT_EQ(far.recall.mean, 0);
}

TEST_F(Features, NearestNeighboursAreFoundAcrossBlocks) {
  const Tensor among = torch::randn({1500, 4}),
               x = torch::cat({among.narrow(0, 1400, 3) + 1e-3, torch::randn({1100, 4})});
  const Neighbours found = nearest_neighbours(x, among);
  EXPECT_EQ(found.index[1].item<int64_t>(), 1401);
  const auto [exact, index] = distances(x, among).min(1);
  EXPECT_TRUE(found.index.equal(index));
  EXPECT_TRUE(torch::allclose(found.distance.to(torch::kDouble), exact, 1e-6, 0));
}

TEST_F(Features, TooFewImagesOrOtherFeaturesGetASentence) {
  EXPECT_THROW(frechet_distance(torch::zeros({1, 3}), torch::zeros({5, 3})), ShapeError);
  EXPECT_THROW(frechet_distance(torch::zeros({5, 3}), torch::zeros({5, 4})), ShapeError);
  EXPECT_THROW(manifolds(torch::zeros({5, 3}), torch::zeros({9, 3})), ShapeError);
}

}  // namespace figment
