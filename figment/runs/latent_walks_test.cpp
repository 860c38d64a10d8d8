#include "figment/runs/latent_walks.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "figment/runs/test_parts.h"
#include "tests/made_data.h"

namespace figment {
namespace {

const DataSpec kSpec{.x = PixelSpec{.channels = 1, .height = 1, .width = 3},
                     .condition = made_condition_spec({"labels"})};

/// Two latent dimensions are the first two pixels; the class is the third. Remembers what it was given.
struct Pixels : IdleModel, EncodesLatent, Samples {
  int64_t latent_size() const override { return 2; }
  Tensor encode(const Tensor& x) override { return x.flatten(1).narrow(1, 0, 2); }
  Tensor decode(const Tensor& z, const Condition& c) override {
    return torch::cat({z, c.label().to(torch::kFloat).unsqueeze(1)}, 1).view({-1, 1, 1, 3});
  }
  ConditionSpec takes() const override { return {.labels = {kSpec.condition.labels[0]}}; }
  Tensor sample(const SampleRequest&) override { return {}; }
};

TEST(Interpolation, GoesStraightFromOneCodeToTheOtherUnderOneCondition) {
  Pixels model;
  const Tensor ends = torch::tensor({{0.f, 0.f}, {1.f, -1.f}, {5.f, 5.f}, {5.f, 5.f}});
  const Walks walks = interpolation(model, ends, {.labels = {torch::tensor({2, 0, 1, 0})}}, 3);
  ASSERT_EQ(walks.size(), 2u);
  EXPECT_TRUE(walks[0].flatten(1).equal(torch::tensor({{0.f, 0.f, 2.f}, {0.5f, -0.5f, 2.f}, {1.f, -1.f, 2.f}})));
  EXPECT_TRUE(walks[1].select(3, 2).eq(1).all().item<bool>()) << "row r has the condition of its first end";
}

TEST(Traversal, ChangesOneLatentDimensionAndNothingElse) {
  Pixels model;
  const Walks walks = traversal(model, torch::tensor({7.f, 8.f}), {.labels = {torch::tensor({1})}}, {1}, 3, 2);
  ASSERT_EQ(walks.size(), 1u);
  EXPECT_TRUE(walks[0].flatten(1).equal(torch::tensor({{7.f, -2.f, 1.f}, {7.f, 0.f, 1.f}, {7.f, 2.f, 1.f}})));
}

TEST(MostActive, NamesTheDimensionsThatVaryMostFirst) {
  EXPECT_EQ(most_active(torch::tensor({{0.f, 9.f, 1.f}, {0.f, -9.f, -1.f}}), 2), (std::vector<int64_t>{1, 2}));
}

using Walk = RunWithExamples;

TEST_F(Walk, ADimensionThatTheCodeHasNotIsASentence) {
  LoadedRun run = run_of(std::make_unique<Pixels>(), kSpec, made_batch(kSpec, 4, 1));
  EXPECT_EQ(traverse(run, {.dimension = 1}).size(), 1u);
  try {
    traverse(run, {.dimension = 2});
    FAIL() << "there are two";
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(), "traverse: the code has 2 latent dimensions (0 to 1), got 2");
  }
}

TEST_F(Walk, EachRowOfAnInterpolationHasTwoExamplesAndOneClass) {
  LoadedRun run = run_of(std::make_unique<Pixels>(), kSpec, made_batch(kSpec, 7, 1));
  const auto rows = interpolate(run, {.rows = 8, .steps = 4});
  ASSERT_EQ(rows.size(), 3u) << "seven examples make three pairs";
  for (const auto& row : rows) EXPECT_EQ(row.size(), 4u);
}

TEST_F(Walk, ClassesThatComeInTurnAreThoseOfTheRows) {
  struct Draws : IdleModel, DecodesLatent, Samples {
    int64_t latent_size() const override { return 2; }
    Tensor decode(const Tensor& z, const Condition& c) override {
      given.push_back(c.label()[0].item<int64_t>());
      return torch::zeros({z.size(0), 1, 1, 3});
    }
    ConditionSpec takes() const override { return {.labels = {kSpec.condition.labels[0]}}; }
    Tensor sample(const SampleRequest&) override { return {}; }
    std::vector<int64_t> given;
  };
  auto model = std::make_unique<Draws>();
  Draws& draws = *model;
  LoadedRun run = run_of(std::move(model), kSpec, made_batch(kSpec, 4, 1));
  interpolate(run, {.rows = 4, .steps = 2});
  EXPECT_THAT(draws.given, testing::ElementsAre(0, 1, 2, 0));
}

TEST_F(Walk, AModelWithoutACodeSaysSo) {
  LoadedRun run = run_of(std::make_unique<IdleModel>(), kSpec, made_batch(kSpec, 4, 1));
  EXPECT_THROW(interpolate(run, {}), RunError);
  EXPECT_THROW(traverse(run, {}), RunError);
}

}  // namespace
}  // namespace figment
