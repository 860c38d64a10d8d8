#include "figment/models/pixel_cnn/cached.h"

#include <gmock/gmock.h>

#include "figment/models/pixel_cnn/test_networks.h"

namespace figment::pixel_cnn {

/// The outputs of the cached network when `decide` fills in given symbols: [N,O,H,W] double.
static Tensor outputs_of(const CachedNetwork& cached, const Tensor& symbols, const Tensor& label, int64_t outputs) {
  const int64_t n = symbols.size(0), channels = symbols.size(1);
  Tensor all = torch::empty({n, outputs, symbols.size(2), symbols.size(3)}, torch::kDouble);
  cached.run(n, label, [&](const Position& p) {
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t o = 0; o < outputs; ++o) all[i][o][p.row][p.column] = p.outputs[size_t(i * outputs + o)];
      for (int64_t c = 0; c < channels; ++c)
        p.symbols[size_t(i * channels + c)] = symbols[i][c][p.row][p.column].item<int64_t>();
    }
  });
  return all;
}

static double furthest(const Tensor& a, const Tensor& b) {
  return (a - b.to(torch::kDouble)).abs().max().item<double>();
}

class PixelCnnCached : public ::testing::TestWithParam<Case> {};

TEST_P(PixelCnnCached, SaysWhatThePlainNetworkSays) {
  const torch::NoGradGuard no_grad;
  for (const auto& [height, width, n] : {std::tuple(1, 1, 1), {1, 5, 2}, {6, 1, 1}, {4, 7, 1}, {7, 4, 3}, {3, 3, 17}}) {
    Case c = GetParam();
    c.height = height, c.width = width;
    const auto network = made(c);
    const Tensor symbols = random_symbols(c, n), label = labels(c, n);
    for (const auto& [type, tolerance] : {std::pair(torch::kDouble, 1e-12), {torch::kFloat, 1e-5}}) {
      network->to(type);
      const Tensor plain = network->forward(network->embedded(symbols), label);
      const auto cached = network->cached();
      EXPECT_LE(furthest(outputs_of(*cached, symbols, label, 10), plain), tolerance) << height << " x " << width;
      EXPECT_LE(furthest(outputs_of(*cached, symbols, label, 10), plain), tolerance) << "the second time";
    }
  }
}

TEST_P(PixelCnnCached, AnImageDoesNotDependOnTheOthersToTheLastBit) {
  const torch::NoGradGuard no_grad;
  const auto network = made(GetParam());
  network->to(torch::kFloat);
  const Tensor symbols = random_symbols(GetParam(), 9), label = labels(GetParam(), 9);
  const Tensor together = outputs_of(*network->cached(), symbols, label, 10);
  for (const int64_t i : {0, 5, 8}) {
    const Tensor alone =
        outputs_of(*network->cached(), symbols.narrow(0, i, 1), label.defined() ? label.narrow(0, i, 1) : label, 10);
    EXPECT_TRUE(torch::equal(alone[0], together[i]));
  }
}

INSTANTIATE_TEST_SUITE_P(All, PixelCnnCached, ::testing::ValuesIn(kCases), [](const auto& i) { return i.param.name; });

TEST(PixelCnnCachedWidths, ThatFillNoPanelOrMoreThanOne) {
  const torch::NoGradGuard no_grad;
  for (const auto kind : {NetworkKind::kGated, NetworkKind::kMasked})
    for (const int64_t width : {1, 16, 33, 64}) {
      const Config config{
          .network = kind, .width = width, .layers = 2, .kernel = 1, .first_kernel = 3, .head_width = 40};
      const Alphabet alphabet{.symbols = 5, .height = 3, .width = 4};
      std::shared_ptr<Network> network;
      if (kind == NetworkKind::kGated)
        network = std::make_shared<GatedImpl>(config, alphabet, 0, 65);
      else
        network = std::make_shared<MaskedImpl>(config, alphabet, 0, 65);
      network->to(torch::kDouble);
      const Tensor symbols = torch::randint(5, {2, 1, 3, 4});
      EXPECT_LE(
          furthest(outputs_of(*network->cached(), symbols, {}, 65), network->forward(network->embedded(symbols), {})),
          1e-12)
          << width;
    }
}

}  // namespace figment::pixel_cnn
