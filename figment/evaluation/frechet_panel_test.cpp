// With features of one number the distance is (m - n)^2 + (s - t)^2 of means and deviations.
#include "figment/evaluation/frechet_panel.h"

#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <numeric>

#include "figment/evaluation/feature_distances.h"
#include "figment/evaluation/test_subject.h"

namespace figment {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Doubles final : EmbedsImages {
  Tensor embed(const Tensor& x) override { return 2 * x.flatten(1); }
};
struct Squares final : EmbedsImages {
  Tensor embed(const Tensor& x) override { return x.square().flatten(1); }
};

using Numbers = std::vector<double>;

/// A picture of one pixel for each number.
Tensor pictures_of(const Numbers& numbers) { return torch::tensor(numbers, torch::kFloat).view({-1, 1, 1, 1}); }

double distance(Numbers a, Numbers b, const std::function<double(double)>& feature) {
  const auto moments = [&](Numbers& x) {
    for (double& value : x) value = feature(value);
    const double mean = std::accumulate(x.begin(), x.end(), 0.0) / double(x.size());
    double squares = 0;
    for (const double value : x) squares += (value - mean) * (value - mean);
    return std::pair(mean, std::sqrt(squares / double(x.size() - 1)));
  };
  const auto [m, s] = moments(a);
  const auto [n, t] = moments(b);
  return (m - n) * (m - n) + (s - t) * (s - t);
}

class FrechetPanel : public ::testing::Test {
 protected:
  FrechetPanel() {
    subject_.features = FeatureExtractor{.network = std::make_shared<Doubles>(), .name = "doubles"};
    subject_.second = FeatureExtractor{.network = std::make_shared<Squares>(), .name = "squares"};
  }
  Evaluation measured(const std::vector<Numbers>& floors) const {
    const auto seen = [&](const Numbers& numbers) {
      PanelFeatures features(subject_);
      features.add(pictures_of(numbers), features_of(*subject_.features, pictures_of(numbers)));
      return features;
    };
    std::vector<PanelFeatures> training;
    for (const Numbers& floor : floors) training.push_back(seen(floor));
    PrincipalComponents components;
    components.add(pixel_rows(pictures_of({-1, 0, 1})));
    Evaluation evaluation;
    measure_frechet(subject_, seen(real_), seen(drawn_), training, components, evaluation);
    return evaluation;
  }

  testing::Untrained model_;
  const Numbers real_{-0.5, 0.25, 0.75, 0.9}, drawn_{-0.25, 0.5, 0.5, 0.125}, floor_{-0.5, 0.5, 0.75, 0.5};
  Subject subject_{.model = model_, .split = "test", .n = 4, .seed = 3};
};

}  // namespace

TEST_F(FrechetPanel, EachExtractorGivesTheDistanceTheFloorAndTheirQuotient) {
  const Evaluation evaluation = measured({floor_});
  const std::pair<std::string, std::function<double(double)>> extractors[] = {
      {"", [](double x) { return 2 * x; }}, {"_second", [](double x) { return x * x; }}, {"_pixels", [](double x) {
                                                                                            return x;
                                                                                          }}};
  for (const auto& [suffix, feature] : extractors) {
    const double of_drawn = distance(real_, drawn_, feature), of_floor = distance(real_, floor_, feature);
    EXPECT_NEAR(testing::value_of(evaluation, "frechet_distance" + suffix), of_drawn, 1e-6) << suffix;
    EXPECT_NEAR(testing::value_of(evaluation, "frechet_distance_floor" + suffix), of_floor, 1e-6) << suffix;
    EXPECT_NEAR(testing::value_of(evaluation, "frechet_distance_times_floor" + suffix), of_drawn / of_floor,
                1e-4 * of_drawn / of_floor)
        << suffix;
  }
  EXPECT_EQ(evaluation.metrics.size(), 9u);
  EXPECT_TRUE(evaluation.left_out.empty());
  EXPECT_EQ(evaluation.metrics[0].unit, "features of doubles");
  EXPECT_EQ(evaluation.metrics[3].unit, "features of squares");
  EXPECT_EQ(evaluation.metrics[6].unit, "principal components of pixels, 1");
  EXPECT_EQ(evaluation.metrics[8].unit, "times the floor, principal components of pixels, 1");
}

TEST_F(FrechetPanel, RelativeErrorsOfTheQuotientAddUpInSquares) {
  const Evaluation evaluation = measured({floor_});
  const Metric &drawn = evaluation.metrics[0], &floor = evaluation.metrics[1], &times = evaluation.metrics[2];
  EXPECT_GT(*drawn.spread, 0);
  EXPECT_GT(*floor.spread, 0);
  EXPECT_NEAR(std::pow(*times.spread / times.value, 2),
              std::pow(*drawn.spread / drawn.value, 2) + std::pow(*floor.spread / floor.value, 2), 1e-9);
}

TEST_F(FrechetPanel, OfSeveralSetsOfTrainingImagesTheFloorIsTheMean) {
  const Numbers other{-0.75, 0.25, 0.5, 0.5}, third{0, 0, 0.25, 0.75};
  const auto feature = [](double x) { return 2 * x; };
  const double a = distance(real_, floor_, feature), b = distance(real_, other, feature),
               c = distance(real_, third, feature), mean = (a + b + c) / 3;
  const double variance = ((a - mean) * (a - mean) + (b - mean) * (b - mean) + (c - mean) * (c - mean)) / 2;
  const Metric floor = measured({floor_, other, third}).metrics[1];
  EXPECT_NEAR(floor.value, mean, 1e-6);
  EXPECT_NEAR(*floor.spread, std::sqrt(variance / 3), 1e-6);
}

TEST_F(FrechetPanel, OfTrainingImagesThemselvesThereIsNoFloor) {
  subject_.of_training = true;
  const Evaluation evaluation = measured({});
  EXPECT_THAT(evaluation.left_out, ElementsAre(HasSubstr("frechet_distance_floor: the images that are measured are "
                                                         "among the training images")));
}

TEST_F(FrechetPanel, WhatIsMissingIsSaid) {
  subject_.second.reset();
  subject_.without_second = "train another";
  const Evaluation none = measured({});
  EXPECT_EQ(none.metrics.size(), 2u) << "distances alone";
  EXPECT_THAT(none.left_out,
              ElementsAre("train another", HasSubstr("frechet_distance_floor: needs 4 training images")));
  const Evaluation same = measured({real_});
  EXPECT_EQ(same.metrics.size(), 4u) << "nothing is divided by a floor of zero";
  EXPECT_THAT(same.left_out, ElementsAre(HasSubstr("frechet_distance_times_floor: training images are at no distance"),
                                         "train another", HasSubstr("frechet_distance_times_floor_pixels")));
  subject_.n = 1;
  EXPECT_THAT(measured({floor_}).left_out[0], HasSubstr("frechet_distance: a covariance of 1 features of doubles"));
}

}  // namespace figment
