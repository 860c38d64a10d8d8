#include "figment/data/point_set.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "figment/data/loader.h"

namespace figment {
namespace {

using ::testing::HasSubstr;

DataOptions of(const std::string& source) { return {.source = source}; }

Tensor all_of(const Dataset& data) {
  std::vector<Tensor> parts;
  each_batch(data, 1000, [&](const Batch& batch) { parts.push_back(batch.x); });
  return torch::cat(parts);
}

}  // namespace

TEST(Points, LieAroundTheirCentresInEqualShares) {
  for (const auto& [name, modes] : {std::pair("ring", 8), std::pair("grid", 25)}) {
    const Mixture mixture = mixture_of(name);
    const Tensor x = all_of(*open_dataset(of(name), Split::kTest));
    ASSERT_EQ(x.sizes(), torch::IntArrayRef({10000, 2}));
    const auto nearest = torch::cdist(x, mixture.centres).min(1);
    const Tensor share = torch::bincount(std::get<1>(nearest), {}, modes).to(torch::kDouble) / 10000.;
    EXPECT_LT((share * modes - 1).abs().max().item<double>(), 0.2) << name;
    const double within = (std::get<0>(nearest) <= 3 * mixture.deviation).to(torch::kDouble).mean().item<double>();
    EXPECT_NEAR(within, 0.98889, 0.003) << "1 - exp(-9/2) of a Gaussian of the plane";
  }
}

TEST(Points, OfEachModeAreAGaussian) {
  const Mixture mixture = mixture_of("ring");
  const Tensor x = all_of(*open_dataset(of("ring"), Split::kTest));
  const Tensor which = std::get<1>(torch::cdist(x, mixture.centres).min(1));
  for (int64_t mode = 0; mode < 8; ++mode) {
    const Tensor at = (x.index({which == mode}) - mixture.centres[mode]) / mixture.deviation;
    EXPECT_LT((torch::cov(at.t()) - torch::eye(2)).abs().max().item<double>(), 0.15) << mode;
    const double near = (at.norm(2, 1) < 1).to(torch::kDouble).mean().item<double>();
    EXPECT_NEAR(near, 0.39347, 0.05) << "1 - exp(-1/2): neither a disc nor a ring";
  }
}

TEST(Points, AreTheSameEachTimeAndSplitsHaveTheirOwn) {
  const auto train = open_dataset(of("ring"), Split::kTrain), again = open_dataset(of("ring"), Split::kTrain);
  EXPECT_EQ(train->size(), 48000);
  EXPECT_EQ(train->hash(), again->hash());
  EXPECT_TRUE(all_of(*train).equal(all_of(*again)));
  const Tensor validation = all_of(*open_dataset(of("ring"), Split::kValidation));
  EXPECT_EQ(validation.size(0), 2000);
  const Tensor same = validation.unsqueeze(1) == all_of(*train).narrow(0, 0, 5000).unsqueeze(0);  // [2000,5000,2]
  EXPECT_FALSE(same.all(2).any().item<bool>());
}

TEST(Points, AreTakenWhole) {
  const DataOptions options{.source = "ring", .validation = 0};
  const auto all = open_dataset(options, Split::kAll), test = open_dataset(options, Split::kTest);
  ASSERT_EQ(all->size(), open_dataset(options, Split::kTrain)->size() + test->size());
  const std::vector<Draw> last = {{all->size() - 1, 0}}, last_of_test = {{test->size() - 1, 0}};
  EXPECT_TRUE(all->read(last).x.equal(test->read(last_of_test).x));
}

TEST(Points, DoNotFitARunOnImages) {
  const DataSpec images{.x = PixelSpec{.height = 8, .width = 8}}, points{.x = PointSpec{}};
  EXPECT_THROW(open_dataset(of("ring"), Split::kTest, &images), DataError);
  try {
    pixels(points);
    FAIL();
  } catch (const DataError& error) { EXPECT_THAT(error.what(), HasSubstr("the data holds points")); }
}

TEST(Points, TheSpecComesBackFromItsJson) {
  const DataSpec points{.x = PointSpec{.numbers = 3}};
  const DataSpec back = data_spec_from_json(to_json(points), "data.json");
  EXPECT_EQ(std::get<PointSpec>(back.x).numbers, 3);
  EXPECT_THROW(data_spec_from_json(parse_json(R"({"condition": {}})", "x"), "data.json"), ConfigError);
}

TEST(PointSet, ASettingOfPicturesIsRefused) {
  for (const DataOptions& options :
       {DataOptions{.source = "ring", .size = 8}, DataOptions{.source = "ring", .crop = 5},
        DataOptions{.source = "ring", .channels = 3}, DataOptions{.source = "ring", .flip = true},
        DataOptions{.source = "ring", .repeat_links = true}, DataOptions{.source = "ring", .range = {0, 9}}}) {
    EXPECT_THROW(open_dataset(options, Split::kTrain), ConfigError);
    EXPECT_THROW(report_data(options), ConfigError);
  }
}

}  // namespace figment
