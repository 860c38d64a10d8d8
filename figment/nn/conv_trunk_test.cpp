#include "figment/nn/conv_trunk.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"

namespace figment {

int64_t count(const torch::nn::Module& module) {
  int64_t numbers = 0;
  for (const Tensor& p : module.parameters()) numbers += p.numel();
  return numbers;
}

struct Case {
  int64_t channels, height, width, stages;
};
class ConvTrunkSizes : public testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Any, ConvTrunkSizes,
                         testing::Values(Case{1, 28, 28, 2}, Case{3, 30, 50, 3}, Case{3, 7, 9, 2}, Case{1, 2, 2, 1},
                                         Case{2, 33, 64, 5}));

TEST_P(ConvTrunkSizes, DecoderGivesTheExtentsBackAndEncoderSeesEveryPixel) {
  const auto [channels, height, width, stages] = GetParam();
  const PixelSpec pixels{.channels = channels, .height = height, .width = width};
  const ConvTrunk trunk{.width = 4, .stages = stages, .features = 6};
  ConvEncoder encoder(trunk, pixels);
  ConvDecoder decoder(trunk, 5, 2 * channels, pixels);
  const Tensor x = torch::randn({2, channels, height, width}).requires_grad_();
  encoder(x).sum().backward();
  EXPECT_EQ((x.grad() == 0).sum().item<int64_t>(), 0);
  EXPECT_EQ(decoder(torch::randn({2, 5})).sizes(), (std::vector<int64_t>{2, 2 * channels, height, width}));
}

TEST(ConvTrunk, HasTheSizeOfThePrototype) {  // with a head of 2 x 40 outputs: 1.71 million
  const PixelSpec pixels{.channels = 1, .height = 28, .width = 28};
  EXPECT_EQ(count(*ConvEncoder(ConvTrunk{}, pixels)), 836448);
  EXPECT_EQ(count(*ConvDecoder(ConvTrunk{}, 40, 1, pixels)), 850404);
}

TEST(ConvTrunk, SaysWhenAnImageIsTooSmall) {
  try {
    ConvEncoder(ConvTrunk{.stages = 5}, PixelSpec{.channels = 1, .height = 28, .width = 40});
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("40 x 28 pixels can be halved 4 times, got 5"));
  }
}

}  // namespace figment
