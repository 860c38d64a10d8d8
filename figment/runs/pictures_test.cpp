#include "figment/runs/pictures.h"

#include <gmock/gmock.h>

#include "figment/runs/test_parts.h"
#include "tests/made_data.h"

namespace figment {
namespace {

using ::testing::ElementsAre;

const DataSpec kSpec{.x = PixelSpec{.channels = 1, .height = 4, .width = 4}};

/// Says what it shows; rebuilds an image as it is.
struct Mirror : IdleModel, Reconstructs, Shows {
  Tensor reconstruct(const Tensor& x) override { return x; }
  std::vector<Exhibit> show(const Batch& b) override { return {{"inside", "what is inside", b.x.narrow(0, 0, 2)}}; }
};

std::vector<std::string> names_of(Model& model, const Batch& examples) {
  std::vector<std::string> names;
  for (const Picture& picture : preview_pictures(model, {}, examples, torch::kCPU)) names.push_back(picture.name);
  return names;
}

TEST(Previews, FollowFromWhatAModelCanDo) {
  Mirror mirror;
  IdleModel part;
  EXPECT_THAT(names_of(mirror, made_batch(kSpec, 4, 1)), ElementsAre("reconstructions", "inside"));
  EXPECT_THAT(names_of(part, made_batch(kSpec, 4, 1)), ElementsAre());
}

TEST(Previews, AModelThatTakesAConditionIsGivenThatOfTheExamples) {
  struct Copies : IdleModel, Samples {
    ConditionSpec takes() const override { return {.image = PixelSpec{.channels = 1, .height = 4, .width = 4}}; }
    Tensor sample(const SampleRequest& request) override { return seen = request.condition.image; }
    Tensor seen;
  } model;
  DataSpec spec = kSpec;
  spec.condition.image = PixelSpec{.channels = 1, .height = 4, .width = 4};
  const Batch examples = made_batch(spec, 5, 1);
  EXPECT_THAT(names_of(model, examples), ElementsAre("samples"));
  EXPECT_TRUE(model.seen.narrow(0, 0, 5).equal(examples.condition.image));
  EXPECT_TRUE(model.seen[7].equal(examples.condition.image[2])) << "in turn";
}

TEST(UpperRows, AreKeptInSharesOfTheHeightAndTheRestIsGrey) {
  const Tensor kept = upper_rows(torch::ones({1, 1, 4, 2}), 1, 2);
  EXPECT_TRUE(kept.narrow(2, 0, 2).eq(1).all().item<bool>());
  EXPECT_TRUE(kept.narrow(2, 2, 2).eq(0).all().item<bool>());
}

TEST(Paired, StandsEachRowAboveItsTwin) {
  const Tensor x = torch::arange(4).view({4, 1, 1, 1});
  EXPECT_TRUE(paired(x, x + 10, 2).flatten().equal(torch::tensor({0, 1, 10, 11, 2, 3, 12, 13})));
}

}  // namespace
}  // namespace figment
