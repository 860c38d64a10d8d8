#include "figment/models/pixel_cnn/network.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "figment/models/pixel_cnn/cached.h"
#include "figment/models/pixel_cnn/test_networks.h"

namespace figment::pixel_cnn {

class PixelCnnNetwork : public ::testing::TestWithParam<Case> {};

/// For each pair of places: does the output at the first depend on the input at the second? [HW,HW] bool, by the
/// gradient of every unit's random mixture, summed over inputs.
static Tensor dependence(Network& network, const Case& c) {
  const Tensor symbols = random_symbols(c, 2), label = labels(c, 2);
  const Tensor input = network.embedded(symbols).detach().requires_grad_();
  const Tensor out = network.forward(input, label);  // [2,O,H,W]
  const Tensor mixed = (out * torch::randn_like(out)).sum(1).flatten(1);
  std::vector<Tensor> rows;
  for (int64_t i = 0; i < mixed.size(1); ++i)
    rows.push_back(torch::autograd::grad({mixed[1][i]}, {input}, {}, true)[0].ne(0).sum(1).flatten(1));
  const Tensor all = torch::stack(rows);  // [HW,2,HW]
  EXPECT_EQ(all.select(1, 0).sum().item<int64_t>(), 0) << "an image depends on another";
  return all.select(1, 1) > 0;
}

TEST_P(PixelCnnNetwork, SeesEarlierPlacesAloneByGradient) {
  const auto network = made(GetParam());
  const Tensor depends = dependence(*network, GetParam());
  EXPECT_FALSE(depends.triu().any().item<bool>()) << "a place sees itself or a later one";
  const int64_t places = depends.size(0), pairs = depends.sum().item<int64_t>();
  for (int64_t i = 1; i < places; ++i)
    if (i % GetParam().width != 0) { EXPECT_TRUE(depends[i][i - 1].item<bool>()); }
  for (int64_t i = GetParam().width; i < places; ++i) EXPECT_TRUE(depends[i][i - GetParam().width].item<bool>());
  if (GetParam().network == NetworkKind::kGated)
    EXPECT_EQ(pairs, places * (places - 1) / 2) << "there is a blind spot";
  else
    EXPECT_LT(pairs, places * (places - 1) / 2) << "where is the blind spot?";
}

TEST_P(PixelCnnNetwork, OutputsIgnoreLaterSymbolsToTheLastBit) {
  const auto network = made(GetParam());
  network->to(torch::kFloat);
  const torch::NoGradGuard no_grad;
  const Tensor symbols = random_symbols(GetParam(), 2), label = labels(GetParam(), 2);
  const Tensor before = network->forward(network->embedded(symbols), label).flatten(2);
  for (const int64_t place : {int64_t{0}, GetParam().width, before.size(2) / 2, before.size(2) - 1}) {
    Tensor changed = symbols.clone();
    Tensor later = changed.flatten(2).narrow(2, place, before.size(2) - place);
    later.copy_((later + 1) % GetParam().symbols);
    const Tensor after = network->forward(network->embedded(changed.view(symbols.sizes())), label).flatten(2);
    EXPECT_TRUE(torch::equal(after.narrow(2, 0, place + 1), before.narrow(2, 0, place + 1)));
    if (place + 1 < before.size(2)) {
      EXPECT_FALSE(torch::equal(after.select(2, place + 1), before.select(2, place + 1)));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, PixelCnnNetwork, ::testing::ValuesIn(kCases), [](const auto& i) { return i.param.name; });

/// A kernel of ones, so that the output counts the positions in the receptive field.
static Tensor seen_by(MaskedConvImpl::Mask mask, int64_t side) {
  MaskedConv conv(1, 1, side, mask, 0);
  for (Tensor& p : conv->parameters()) p.data().fill_(p.dim() == 4 ? 1 : 0);
  Tensor x = torch::zeros({1, 1, 5, 5}).requires_grad_();
  conv->forward(x, {})[0][0][2][2].backward();
  return x.grad()[0][0];
}

TEST(PixelCnnMask, AHidesThePlaceAndBShowsIt) {
  const Tensor a = torch::tensor({{0, 0, 0, 0, 0}, {0, 1, 1, 1, 0}, {0, 1, 0, 0, 0}, {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}},
                                 torch::kFloat);
  EXPECT_TRUE(torch::equal(seen_by(MaskedConvImpl::Mask::kA, 3), a));
  Tensor b = a.clone();
  b[2][2] = 1;
  EXPECT_TRUE(torch::equal(seen_by(MaskedConvImpl::Mask::kB, 3), b));
  EXPECT_EQ(seen_by(MaskedConvImpl::Mask::kA, 5).sum().item<double>(), 12);
  EXPECT_EQ(seen_by(MaskedConvImpl::Mask::kB, 1).sum().item<double>(), 1);
}

TEST(PixelCnnNetworks, CodesAreNamesAndNotNumbers) {
  const Case c = codes_of(NetworkKind::kGated);
  const auto network = made(c);
  const torch::NoGradGuard no_grad;
  const Tensor symbols = random_symbols(c, 2), label = labels(c, 2);
  const Tensor before = network->forward(network->embedded(symbols), label);
  const Tensor renamed = torch::randperm(c.symbols);  // old name to new
  network->embedding->weight.copy_(network->embedding->weight.index_select(0, renamed.argsort()));
  EXPECT_TRUE(torch::equal(
      network->forward(network->embedded(renamed.index_select(0, symbols.flatten()).view_as(symbols)), label), before));
}

TEST(PixelCnnNetworks, PixelsAreNumbersBesideAPlaneOfOnes) {
  const Case c{.name = "grey", .symbols = 5, .height = 1, .width = 3};
  const Tensor input = made(c)->embedded(torch::tensor({0, 2, 4}).view({1, 1, 1, 3}));
  EXPECT_TRUE(torch::equal(input, torch::tensor({-1.0, 0.0, 1.0, 1.0, 1.0, 1.0}, torch::kDouble).view({1, 2, 1, 3})));
}

TEST(PixelCnnNetworks, AClassReachesEveryPlace) {
  for (const auto kind : {NetworkKind::kGated, NetworkKind::kMasked}) {
    const Case c = codes_of(kind);
    const auto network = made(c);
    const torch::NoGradGuard no_grad;
    const Tensor input = network->embedded(random_symbols(c, 1));
    const Tensor a = network->forward(input, torch::tensor({0})), b = network->forward(input, torch::tensor({1}));
    EXPECT_TRUE((a != b).any(1).all().item<bool>());
  }
}

TEST(PixelCnnNetworks, AnEvenKernelIsRefused) {
  EXPECT_THAT([] { GatedImpl({.kernel = 4}, {.height = 5, .width = 5}, 0, 30); },
              ::testing::ThrowsMessage<ConfigError>("kernel: the side of a kernel must be odd, got 4; 3 or 5 will do"));
}

}  // namespace figment::pixel_cnn
