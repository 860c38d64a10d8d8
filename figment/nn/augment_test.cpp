#include "figment/nn/augment.h"

#include <gmock/gmock.h>

namespace figment {
namespace {

double number(const Tensor& t) { return t.item<double>(); }

}  // namespace

TEST(Augment, WithoutOptionsChangesNothing) {
  const Tensor x = torch::randn({2, 3, 8, 8});
  EXPECT_TRUE(augmented(x, {}).equal(x));
}

TEST(Augment, TranslationMovesEachImageByItself) {
  torch::manual_seed(0);
  const Tensor x = torch::full({400, 1, 16, 8}, -1.);
  x.select(2, 7).select(2, 4).fill_(1);  // one bright pixel
  const Tensor y = augmented(x, {.translation = true});
  const Tensor at = (y == 1).nonzero();  // one row an image: image, channel, row, column
  ASSERT_EQ(at.size(0), 400);
  const Tensor down = at.select(1, 2) - 7, right = at.select(1, 3) - 4;
  EXPECT_EQ(number(down.min()), -2);
  EXPECT_EQ(number(down.max()), 2);
  EXPECT_EQ(number(right.min()), -1);
  EXPECT_EQ(number(right.max()), 1);
  const Tensor stayed = (16 - down.abs()) * (8 - right.abs());  // places of each image that were inside before
  EXPECT_EQ(number((y == 0).sum()), number((16 * 8 - stayed).sum())) << "what comes in from outside is grey";
  EXPECT_EQ(number((y == -1).sum()), number((stayed - 1).sum()));
}

TEST(Augment, CutoutCoversAQuarterAtMost) {
  torch::manual_seed(0);
  const Tensor x = torch::ones({200, 2, 8, 8}), y = augmented(x, {.cutout = true});
  const Tensor covered = (y == 0).sum({1, 2, 3}) / 2;
  EXPECT_EQ(number(covered.max()), 16);
  EXPECT_GE(number(covered.min()), 4) << "the middle of the square lies inside the image";
}

TEST(Augment, ColourKeepsWhatItIsAround) {
  torch::manual_seed(0);
  const Tensor x = torch::rand({300, 3, 4, 4}) * 2 - 1, y = augmented(x, {.colour = true});
  const Tensor shift = (y.mean({1, 2, 3}) - x.mean({1, 2, 3}));  // brightness alone moves the mean
  EXPECT_LE(number(shift.abs().max()), 0.5);
  EXPECT_GT(number(shift.abs().max()), 0.45);
  const Tensor contrast = (y.mean(1).var({1, 2}) / x.mean(1).var({1, 2})).sqrt();
  EXPECT_GE(number(contrast.min()), 0.499);
  EXPECT_LE(number(contrast.max()), 1.501);
}

TEST(Augment, AGradientPassesThrough) {
  torch::manual_seed(0);
  const Tensor x = torch::randn({3, 1, 8, 8}).requires_grad_();
  const Tensor y = augmented(x, {.colour = true, .translation = true, .cutout = true});
  const Tensor slope = torch::autograd::grad({y.square().sum()}, {x}, {}, true, true)[0];
  EXPECT_GT(number(torch::autograd::grad({slope.square().sum()}, {x})[0].abs().sum()), 0) << "and one of the gradient";
}

}  // namespace figment
