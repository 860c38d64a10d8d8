#include "figment/models/pixel_cnn/pixel_cnn.h"

#include <gmock/gmock.h>

#include <numbers>
#include <numeric>

#include "figment/base/error.h"

namespace figment::pixel_cnn {
namespace {

Config small(NetworkKind network, LikelihoodKind likelihood) {
  return {.network = network,
          .width = 8,
          .layers = 3,
          .kernel = 3,
          .first_kernel = 5,
          .head_width = 12,
          .likelihood = likelihood,
          .mixtures = 3};
}

/// Of codes: their likelihood is always categorical.
Config small_of_codes(NetworkKind network) {
  Config config = small(network, LikelihoodKind::kCategorical);
  config.mixtures = Config().mixtures;
  return config;
}

DataSpec pixels_of(int64_t channels, int64_t height, int64_t width, int64_t levels) {
  return {.x = PixelSpec{.channels = channels, .height = height, .width = width, .levels = levels},
          .condition = {.labels = {LabelSpec{.names = {"a", "b"}}}}};
}

/// In fp64, far from uniform.
std::unique_ptr<PixelCnn> model_of(const Config& config, const DataSpec& data) {
  torch::manual_seed(4);
  auto model = std::make_unique<PixelCnn>(config, data);
  model->to(torch::kDouble);
  for (auto& p : model->named_parameters()) {
    if (p.key() == "network.places" || p.key() == "head.after") p.value().data().normal_();
    if (p.value().dim() == 4) p.value().data().mul_(2.5);
  }
  model->eval();
  return model;
}

/// Every image of so many pixels, [levels^D,1,H,W] symbols.
Tensor every_image(int64_t height, int64_t width, int64_t levels) {
  return torch::cartesian_prod(std::vector<Tensor>(size_t(height * width), torch::arange(levels)))
      .view({-1, 1, height, width});
}

/// One forward pass over whole images for each place: what the cached engine must agree with.
Tensor plain_sample(PixelCnn& model, const DataSpec& data, const SampleRequest& request) {
  const Alphabet a = alphabet_of(data);
  const auto n = int64_t(request.seeds.size());
  Tensor symbols = torch::zeros({n, a.channels, a.height, a.width}, torch::kLong);
  const Tensor u = seeded_uniform(request.seeds, symbols[0].numel(), "symbols").view(symbols.sizes());
  const auto probabilities = model.head().probabilities();
  std::vector<double> probability(static_cast<size_t>(a.symbols));
  for (int64_t row = 0; row < a.height; ++row)
    for (int64_t column = 0; column < a.width; ++column) {
      const Tensor all = model.network().forward(model.network().embedded(symbols), request.condition.label());
      for (int64_t i = 0; i < n; ++i) {
        const Tensor here = all[i].select(2, column).select(1, row).to(torch::kDouble).contiguous();
        std::vector<int64_t> earlier;
        for (int64_t c = 0; c < a.channels; ++c) {
          probabilities({here.const_data_ptr<double>(), size_t(here.numel())}, earlier, probability);
          earlier.push_back(draw_symbol(probability, request.options, u[i][c][row][column].item<double>()));
          symbols[i][c][row][column] = earlier.back();
        }
      }
    }
  return model.of_symbols(symbols);
}

const std::vector<std::pair<NetworkKind, LikelihoodKind>> kKinds = {
    {NetworkKind::kGated, LikelihoodKind::kCategorical},
    {NetworkKind::kGated, LikelihoodKind::kLogisticMixture},
    {NetworkKind::kMasked, LikelihoodKind::kCategorical},
    {NetworkKind::kMasked, LikelihoodKind::kLogisticMixture}};

}  // namespace

TEST(PixelCnn, ProbabilitiesOfAllImagesAddUpToOne) {
  const torch::NoGradGuard no_grad;
  for (const auto& [network, likelihood] : kKinds)
    for (const auto& [height, width, levels] : {std::tuple(3, 3, 2), {2, 3, 3}, {1, 2, 16}}) {
      const auto model = model_of(small(network, likelihood), pixels_of(1, height, width, levels));
      const Tensor x = model->of_symbols(every_image(height, width, levels));
      EXPECT_NEAR((-model->nats({.x = x}, 1).total).exp().sum().item<double>(), 1, 1e-10);
    }
}

TEST(PixelCnn, ProbabilitiesOfAllColoursOfTwoPixelsAddUpToOne) {
  const torch::NoGradGuard no_grad;
  for (const auto& [network, likelihood] : kKinds) {
    const auto model = model_of(small(network, likelihood), pixels_of(3, 1, 2, 3));
    const Tensor all = every_image(1, 6, 3).view({-1, 3, 1, 2});
    EXPECT_NEAR((-model->nats({.x = model->of_symbols(all)}, 1).total).exp().sum().item<double>(), 1, 1e-10);
  }
}

TEST(PixelCnn, DrawsImagesAsOftenAsTheirProbabilitySays) {
  const torch::NoGradGuard no_grad;
  constexpr int64_t kDraws = 40000;
  for (const auto& [network, likelihood] : kKinds) {
    const auto model = model_of(small(network, likelihood), pixels_of(1, 3, 3, 2));
    const Tensor p = (-model->nats({.x = model->of_symbols(every_image(3, 3, 2))}, 1).total).exp();
    ASSERT_GT(p.max().item<double>(), 4.0 / 512);  // not the uniform distribution
    SampleRequest request{.seeds = std::vector<int64_t>(kDraws)};
    std::iota(request.seeds.begin(), request.seeds.end(), 0);
    const Tensor bits = model->symbols_of(model->sample(request)).flatten(1);
    const Tensor which = (bits * torch::pow(2, torch::arange(8, -1, -1))).sum(1);
    const Tensor seen = torch::bincount(which, {}, 512).to(torch::kDouble), expected = p * double(kDraws);
    const Tensor often = expected >= 5;
    const double square = ((seen - expected).square() / expected).masked_select(often).sum().item<double>();
    const auto freedom = double(often.sum().item<int64_t>());
    EXPECT_LT(square, freedom + 3.3 * std::sqrt(2 * freedom));  // p > 1e-3
  }
}

TEST(PixelCnn, CachedDrawsAreThoseOfThePlainSampler) {
  const torch::NoGradGuard no_grad;
  for (const auto& [network, likelihood] : kKinds)
    for (const auto& options : {SampleOptions{}, {.temperature = 0.7, .top_p = 0.9}, {.top_k = 3}}) {
      Config config = small(network, likelihood);
      config.conditional = true;
      const DataSpec data = pixels_of(3, 4, 5, 16);
      const auto model = model_of(config, data);
      const SampleRequest request{
          .seeds = {7, 8, 1}, .condition = {.labels = {torch::tensor({0, 1, 1})}}, .options = options};
      EXPECT_TRUE(torch::equal(model->sample(request), plain_sample(*model, data, request)));
    }
}

TEST(PixelCnn, CachedDrawsOfOneImageOfOnePixelAndOfManyGroupsAreThoseOfThePlainSampler) {
  const torch::NoGradGuard no_grad;
  for (const auto& [network, likelihood] : kKinds)
    for (const auto& [images, height, width] : {std::tuple(1, 1, 1), {1, 2, 3}, {1, 3, 1}, {20, 2, 3}}) {
      Config config = small(network, likelihood);
      config.conditional = true;
      const DataSpec data = pixels_of(1, height, width, 16);
      const auto model = model_of(config, data);
      SampleRequest request{.seeds = std::vector<int64_t>(size_t(images)),
                            .condition = {.labels = {torch::arange(images).remainder(3).clamp_max(1)}}};
      std::iota(request.seeds.begin(), request.seeds.end(), 5);
      EXPECT_TRUE(torch::equal(model->sample(request), plain_sample(*model, data, request)));
    }
}

TEST(PixelCnn, CachedCodesAreThoseOfThePlainSampler) {
  const torch::NoGradGuard no_grad;
  for (const auto network : {NetworkKind::kGated, NetworkKind::kMasked}) {
    const DataSpec data{.x = CodeSpec{.num_codes = 20, .height = 3, .width = 5}};
    const auto model = model_of(small_of_codes(network), data);
    const SampleRequest request{.seeds = {3, 4}};
    const Tensor codes = model->sample(request);
    EXPECT_EQ(codes.sizes(), (std::vector<int64_t>{2, 3, 5}));
    EXPECT_EQ(codes.scalar_type(), torch::kLong);
    EXPECT_TRUE(torch::equal(codes, plain_sample(*model, data, request)));
    EXPECT_FALSE(torch::equal(codes[0], codes[1]));
    EXPECT_EQ(model->nats({.x = codes}, 1).levels, 0);
  }
}

TEST(PixelCnn, KeepsTheRowsThatAreGivenAndGoesOnAsItWouldHave) {
  const torch::NoGradGuard no_grad;
  for (const auto network : {NetworkKind::kGated, NetworkKind::kMasked}) {
    const auto model = model_of(small(network, LikelihoodKind::kCategorical), pixels_of(1, 6, 4, 8));
    const SampleRequest request{.seeds = {1, 2}};
    const Tensor own = model->sample(request);
    for (const int64_t rows : {1, 3, 6}) EXPECT_TRUE(torch::equal(model->complete(request, own, rows), own));
    Tensor other = model->of_symbols(7 - model->symbols_of(own));
    const Tensor completed = model->complete(request, other, 3);
    EXPECT_TRUE(torch::equal(completed.narrow(2, 0, 3), other.narrow(2, 0, 3)));
    EXPECT_FALSE(torch::equal(completed.narrow(2, 3, 3), own.narrow(2, 3, 3)));
    other.narrow(2, 3, 3).fill_(1);  // what is below does not matter
    EXPECT_TRUE(torch::equal(model->complete(request, other, 3), completed));
    EXPECT_THROW(model->complete(request, other, 7), ConfigError);
    EXPECT_THROW(model->complete(request, other.narrow(2, 0, 5), 3), ShapeError);
  }
}

TEST(PixelCnn, CodesOfAnotherCodebookAreNotCompleted) {
  const torch::NoGradGuard no_grad;
  const DataSpec data{.x = CodeSpec{.num_codes = 20, .height = 3, .width = 5}};
  const auto model = model_of(small_of_codes(NetworkKind::kGated), data);
  const SampleRequest request{.seeds = {3}};
  const Tensor codes = model->sample(request);
  for (const int64_t wrong : {-1, 20}) {
    Tensor other = codes.clone();
    other[0][1][2] = wrong;
    EXPECT_THROW(model->complete(request, other, 2), ShapeError);
    EXPECT_TRUE(torch::equal(model->complete(request, other, 1), codes)) << "what is below does not matter";
  }
}

TEST(PixelCnn, SaysHowFarItIsAndStopsWhenTold) {
  const torch::NoGradGuard no_grad;
  const auto model = model_of(small(NetworkKind::kGated, LikelihoodKind::kCategorical), pixels_of(1, 5, 4, 4));
  std::vector<double> shares;
  SampleRequest request{.seeds = {1, 2, 3}};
  request.go_on = [&](double done) { return shares.push_back(done), true; };
  model->sample(request);
  EXPECT_THAT(shares, ::testing::ElementsAre(0.2, 0.4, ::testing::DoubleEq(0.6), 0.8, 1.0));
  request.go_on = [&](double done) { return done < 0.4; };
  EXPECT_THROW(model->sample(request), RunError);
}

TEST(PixelCnn, ClassesThatAreAskedForMustBeThere) {
  DataSpec data = pixels_of(1, 5, 4, 4);
  Config config = small(NetworkKind::kGated, LikelihoodKind::kCategorical);
  EXPECT_FALSE(PixelCnn(config, data).takes().label());
  config.conditional = true;
  EXPECT_EQ(PixelCnn(config, data).takes().label()->names.size(), 2);
  data.condition.labels.clear();
  EXPECT_THROW(PixelCnn(config, data), ConfigError);
}

TEST(PixelCnn, ValuesBetweenLevelsCountAsTheNearest) {
  const auto model = model_of(small(NetworkKind::kGated, LikelihoodKind::kCategorical), pixels_of(1, 1, 4, 256));
  const Tensor x = torch::tensor({-1.0, -0.001, 0.001, 1.0}).view({1, 1, 1, 4});
  EXPECT_TRUE(torch::equal(model->symbols_of(x).flatten(), torch::tensor({0, 127, 128, 255})));
  const Tensor all = torch::arange(256).view({64, 1, 1, 4});
  EXPECT_TRUE(torch::equal(model->symbols_of(model->of_symbols(all)), all));
}

TEST(PixelCnn, StartsNearTheUniformDistributionAndLearnsAFewImagesByHeart) {
  torch::manual_seed(5);
  Config config = small(NetworkKind::kGated, LikelihoodKind::kCategorical);
  config.width = 16, config.head_width = 32;
  PixelCnn model(config, pixels_of(1, 5, 5, 16));
  const Batch batch{.x = model.of_symbols(torch::randint(16, {8, 1, 5, 5}))};
  const auto bits = [&] { return model.nats(batch, 1).total.mean() / (25 * std::numbers::ln2); };
  EXPECT_NEAR(bits().item<double>(), 4, 0.2);
  torch::optim::Adam adam(model.parameters(), torch::optim::AdamOptions(1e-2));
  for (int i = 0; i < 250; ++i) {
    adam.zero_grad();
    bits().backward();
    adam.step();
  }
  EXPECT_LT(bits().item<double>(), 0.3);  // 3 bits tell 8 images apart: 0.12 a pixel
}

TEST(PixelCnn, SightIsOfEarlierPlacesAlone) {
  const DataSpec data = pixels_of(1, 14, 16, 4);
  const auto model = model_of(small(NetworkKind::kGated, LikelihoodKind::kCategorical), data);
  const torch::NoGradGuard no_grad;
  const auto exhibits = model->show({.x = torch::rand({3, 1, 14, 16}, torch::kDouble) * 2 - 1});
  ASSERT_EQ(exhibits.size(), 1u);
  const Tensor sights = exhibits[0].images;  // each place is 6 x 6
  ASSERT_EQ(sights.sizes(), torch::IntArrayRef({8, 3, 84, 96}));
  const Tensor first = sights[0].slice(1, 0, 84, 6).slice(2, 0, 96, 6), own = first.select(1, 3).select(1, 2);
  EXPECT_TRUE(own.equal(torch::tensor({1., -1., -1.}, torch::kDouble)));
  const Tensor grey = first[1].flatten();
  EXPECT_EQ(grey.slice(0, 3 * 16 + 2).max().item<double>(), -1) << "it sees what comes later";
  for (const int64_t neighbour : {3 * 16 + 1, 2 * 16 + 2, 2 * 16 + 3}) EXPECT_GT(grey[neighbour].item<double>(), -1);
  EXPECT_EQ(grey.max().item<double>(), 1);
}

}  // namespace figment::pixel_cnn
