#include "figment/runs/pipeline.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "figment/runs/parents.h"
#include "figment/runs/test_parts.h"
#include "figment/tensor/noise.h"

namespace figment {
namespace {

using ::testing::HasSubstr;

Tensor codes_of(const std::vector<int64_t>& seeds, int64_t side, int64_t num_codes) {
  return (seeded_uniform(seeds, side * side, "codes") * double(num_codes)).to(torch::kLong).view({-1, side, side});
}

/// Draws 1 x 1 codes of 8 by its label and seed.
struct Top : IdleModel, Samples {
  ConditionSpec takes() const override { return {.labels = {LabelSpec{.names = {"a", "b"}}}}; }
  Tensor sample(const SampleRequest& request) override {
    seen = request;
    return codes_of(request.seeds, 1, 8);
  }
  SampleRequest seen;
};

/// Draws 2 x 2 codes, each with the coarser code and the embedding in it.
struct Bottom : IdleModel, Samples {
  ConditionSpec takes() const override {
    return {.labels = {LabelSpec{.names = {"a", "b"}}},
            .embedding = EmbeddingSpec{.size = 1},
            .codes = {CodeSpec{.num_codes = 8, .height = 1, .width = 1}}};
  }
  Tensor sample(const SampleRequest& request) override {
    seen = request;
    return codes_of(request.seeds, 2, 8);
  }
  SampleRequest seen;
};

/// A sentence becomes its number of tokens.
struct Counter : IdleModel, EmbedsConditions {
  ConditionSpec takes() const override { return {.text = TextSpec{.vocabulary = {"a", "b"}, .max_tokens = 3}}; }
  EmbeddingSpec embedding() const override { return {.size = 1}; }
  Embedding embed_condition(const Condition& c) override {
    return {.value = c.text.mask.sum(1, /*keepdim=*/true).to(torch::kFloat)};
  }
};

/// A picture of two pixels: the top code and the sum of the bottom ones.
struct Coder : IdleModel, EncodesDiscrete {
  std::vector<CodeSpec> grids() const override { return {{8, 1, 1}, {8, 2, 2}}; }
  std::vector<Tensor> encode_codes(const Tensor&) override { return {}; }
  Tensor decode_codes(const std::vector<Tensor>& codes) override {
    if (codes.size() != 2) throw ShapeError("two grids");
    return torch::stack({codes[0].sum({1, 2}), codes[1].sum({1, 2})}, 1).to(torch::kFloat).view({-1, 1, 1, 2});
  }
  Tensor paint_codes(const std::vector<Tensor>& codes) override { return decode_codes(codes); }
};

class Chain : public ::testing::Test {
 protected:
  Chain() {
    parents_.emplace(kCodesRole, run_of(std::make_unique<Coder>()));
    parents_.emplace(kEncoderRole, run_of(std::make_unique<Counter>()));
    parents_.emplace(kCoarserRole, run_of(std::make_unique<Top>()));
  }
  SampleRequest request(std::vector<int64_t> seeds) const {
    const auto n = int64_t(seeds.size());
    SampleRequest request{.seeds = std::move(seeds)};
    request.condition.labels = {torch::ones({n}, torch::kLong)};
    request.condition.text = {torch::zeros({n, 3}, torch::kLong), torch::ones({n, 3}, torch::kBool)};
    return request;
  }
  Top& top() { return dynamic_cast<Top&>(*parents_.at(kCoarserRole).model); }

  Parents parents_;
  Bottom bottom_;
};

TEST_F(Chain, EncodesWhatIsGivenDrawsBothGridsAndDecodesThem) {
  const auto samples = pipeline(bottom_, parents_);
  const Tensor drawn = samples->sample(request({4, 5}));
  EXPECT_EQ(drawn.sizes(), torch::IntArrayRef({2, 1, 1, 2}));
  EXPECT_TRUE(bottom_.seen.condition.embedding.value.equal(torch::full({2, 1}, 3.f)));
  EXPECT_FALSE(bottom_.seen.condition.text.token.defined()) << "a model is given what it takes, no more";
  ASSERT_EQ(bottom_.seen.condition.codes.size(), 1u);
  EXPECT_TRUE(drawn.select(3, 0).flatten().equal(bottom_.seen.condition.codes[0].flatten().to(torch::kFloat)));
  EXPECT_TRUE(top().seen.condition.label().equal(torch::ones({2}, torch::kLong))) << "the same label on both levels";
}

TEST_F(Chain, APersonIsAskedForWhatNoParentMakes) {
  const ConditionSpec takes = pipeline(bottom_, parents_)->takes();
  EXPECT_THAT(takes.kinds(), ::testing::ElementsAre("labels", "text"));
}

TEST_F(Chain, CoarseAndFineCodesNeverShareNoise) {
  pipeline(bottom_, parents_)->sample(request({4, 5}));
  for (const int64_t coarse : top().seen.seeds)
    EXPECT_THAT((std::vector<int64_t>{4, 5}), ::testing::Not(::testing::Contains(coarse)));
}

TEST_F(Chain, AnImageIsTheSameAloneAndAmongOthers) {
  const auto samples = pipeline(bottom_, parents_);
  const Tensor all = samples->sample(request({4, 5, 6}));
  EXPECT_TRUE(samples->sample(request({5}))[0].equal(all[1]));
}

TEST_F(Chain, CoarserCodesThatAreGivenStay) {
  SampleRequest given = request({4});
  given.condition.codes = {torch::full({1, 1, 1}, 7, torch::kLong)};
  EXPECT_EQ(pipeline(bottom_, parents_)->sample(given)[0][0][0][0].item<float>(), 7);
}

TEST_F(Chain, AParentThatCannotDoWhatItsRoleAsksGetsASentence) {
  parents_.erase(kCodesRole);
  parents_.emplace(kCodesRole, run_of(std::make_unique<Top>()));
  try {
    pipeline(bottom_, parents_);
    FAIL() << "a prior makes no codes";
  } catch (const RunError& error) {
    EXPECT_THAT(error.what(), HasSubstr("parents.codes: 'runs/0001-part' is a part, which makes no codes"));
  }
}

/// The score is the picture's value, which the seed decides.
TEST(Rejecting, KeepsTheFirstCandidateThatPassesWhoeverStandsBeside) {
  struct Noise : IdleModel, Samples {
    Tensor sample(const SampleRequest& request) override {
      drawn += int64_t(request.seeds.size());
      return seeded_uniform(request.seeds, 1, "x").to(torch::kFloat).view({-1, 1, 1, 1});
    }
    int64_t drawn = 0;
  } noise;
  const auto score = [](const Tensor& images, const Condition&) { return images.flatten(); };
  const auto kept = rejecting(noise, {.score = score, .least = 0.8, .most = 50});
  std::vector<int64_t> seeds(64);
  for (size_t i = 0; i < seeds.size(); ++i) seeds[i] = int64_t(i);
  const Tensor sheet = kept->sample({.seeds = seeds});
  EXPECT_GE(sheet.min().item<double>(), 0.8);
  EXPECT_TRUE(kept->sample({.seeds = {17}})[0].equal(sheet[17]));
  const Tensor plain = noise.sample({.seeds = seeds});
  EXPECT_TRUE(sheet.masked_select(plain >= 0.8).equal(plain.masked_select(plain >= 0.8))) << "who passes is left alone";
}

TEST(Rejecting, OfCandidatesThatAllFailTheBestIsKept) {
  struct Noise : IdleModel, Samples {
    Tensor sample(const SampleRequest& request) override {
      all.push_back(seeded_uniform(request.seeds, 1, "x").to(torch::kFloat).view({-1, 1, 1, 1}));
      return all.back();
    }
    std::vector<Tensor> all;
  } noise;
  const auto score = [](const Tensor& images, const Condition&) { return images.flatten(); };
  const Tensor kept = rejecting(noise, {.score = score, .least = 2, .most = 7})->sample({.seeds = {3}});
  ASSERT_EQ(noise.all.size(), 7u);
  EXPECT_EQ(kept.item<float>(), torch::cat(noise.all).max().item<float>());
}

/// Draws images of one pixel, all 0.
struct Zeros : IdleModel, Samples {
  Tensor sample(const SampleRequest& request) override {
    return torch::zeros({int64_t(request.seeds.size()), 1, 1, 1});
  }
};

TEST(Rejecting, AScoreThatIsNoNumberDoesNotPass) {
  Zeros zeros;
  int64_t scored = 0;
  const auto score = [&](const Tensor& images, const Condition&) {
    ++scored;
    return torch::full({images.size(0)}, NAN);
  };
  EXPECT_EQ(rejecting(zeros, {.score = score, .least = 0.5, .most = 3})->sample({.seeds = {1, 2}}).size(0), 2);
  EXPECT_EQ(scored, 3);
}

TEST(Rejecting, AScoreThatIsNoNumberReplacesNoBetterCandidate) {
  struct Counts : IdleModel, Samples {
    Tensor sample(const SampleRequest&) override { return torch::full({1, 1, 1, 1}, float(drawn++)); }
    int drawn = 0;
  } counts;
  const std::vector<double> scores = {0.3, NAN, 0.2};
  const auto score = [&](const Tensor& images, const Condition&) {
    return torch::full({1}, scores[size_t(images.item<float>())]);
  };
  const Tensor kept = rejecting(counts, {.score = score, .least = 0.5, .most = 3})->sample({.seeds = {1}});
  EXPECT_EQ(kept.item<float>(), 0) << "the candidate of 0.3";
}

TEST(Rejecting, AnImageHasOneCandidateAtLeast) {
  Zeros zeros;
  EXPECT_THROW(rejecting(zeros, {.most = 0}), ConfigError);
}

}  // namespace
}  // namespace figment
