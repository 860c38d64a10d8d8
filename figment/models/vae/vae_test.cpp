#include "figment/models/vae/vae.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>

#include "figment/base/error.h"

namespace figment::vae {
namespace {

DataSpec data_of(int64_t channels, int64_t height, int64_t width) {
  return {.x = PixelSpec{.channels = channels, .height = height, .width = width}};
}

Batch images(int64_t n, int64_t channels = 1, int64_t height = 8, int64_t width = 8) {
  return {.x = torch::randint(0, 256, {n, channels, height, width}) / 127.5 - 1};
}

Config small(NetworkKind network, LikelihoodKind likelihood) {
  return {.network = network,
          .hidden = {12, 10},
          .trunk = {.width = 4, .stages = 2, .features = 12},
          .latent = 5,
          .likelihood = likelihood};
}

class PlainStep final : public Step {  // gradient descent
 public:
  explicit PlainStep(Model& model) : descent_(model.parameters(), torch::optim::SGDOptions(1e-4)) {}
  void minimize(int, const Batch& batch, const Objective& objective) override {
    Tensor loss = torch::zeros({});
    for (const LossTerm& term : objective(batch)) {
      terms[std::string(term.name)] = term;
      loss = loss + term.value * term.weight;
    }
    descent_.zero_grad();
    loss.backward();
    descent_.step();
    seen_ += double(batch.size());
  }
  void observe(std::string_view metric, const Tensor& value) override {
    observed[std::string(metric)] = value.item<double>();
  }
  int64_t iteration() const override { return 0; }
  double images() const override { return seen_; }
  double progress() const override { return 0; }
  std::map<std::string, LossTerm> terms;
  std::map<std::string, double> observed;

 private:
  torch::optim::SGD descent_;
  double seen_ = 0;
};

double number(const Tensor& t) { return t.item<double>(); }

}  // namespace

class AnyVae : public testing::TestWithParam<std::tuple<NetworkKind, LikelihoodKind>> {
 protected:
  AnyVae() {
    torch::manual_seed(5);
    const auto [network, likelihood] = GetParam();
    config = small(network, likelihood);
  }
  Config config;
};
INSTANTIATE_TEST_SUITE_P(
    NetworkAndLikelihood, AnyVae,
    testing::Combine(testing::Values(NetworkKind::kDense, NetworkKind::kGatedDense, NetworkKind::kConv),
                     testing::Values(LikelihoodKind::kBernoulli, LikelihoodKind::kGaussian,
                                     LikelihoodKind::kLearnedGaussian, LikelihoodKind::kDiscretisedLogistic)));

TEST_P(AnyVae, TakesTwoFiniteSteps) {
  Vae vae(config, data_of(3, 9, 14));
  PlainStep step(vae);
  for (int i = 0; i < 2; ++i) vae.train_step(images(6, 3, 9, 14), step);
  for (const auto& [name, term] : step.terms) EXPECT_TRUE(std::isfinite(number(term.value))) << name;
  EXPECT_THAT(step.observed["active_units_batch"], testing::AllOf(testing::Ge(0), testing::Le(5)));
  for (const Tensor& p : vae.parameters()) EXPECT_TRUE(p.grad().defined() && p.isfinite().all().item<bool>());
}

TEST_P(AnyVae, BoundTightensWithMoreSamples) {
  torch::NoGradGuard no_grad;
  Vae vae(config, data_of(1, 8, 8));
  const Batch batch{.x = images(4).x.repeat({50, 1, 1, 1})};  // many times the same four: the mean is certain enough
  const auto bound = [&](int64_t k) {
    torch::manual_seed(7);
    return number(vae.nats(batch, k).total.mean());
  };
  EXPECT_GT(bound(1), bound(10));
  EXPECT_GT(bound(10), bound(100));
}

TEST_P(AnyVae, TermsAddUpToTheBoundThatTrainingMinimises) {
  Vae vae(config, data_of(1, 8, 8));
  PlainStep step(vae);
  const Batch batch = images(6);
  torch::manual_seed(11);
  Nats nats;
  {
    torch::NoGradGuard no_grad;
    nats = vae.nats(batch, 1);
  }
  torch::manual_seed(11);
  vae.train_step(batch, step);
  ASSERT_EQ(nats.terms.size(), 2u);
  EXPECT_TRUE(nats.total.allclose(nats.terms[0].second + nats.terms[1].second));
  for (const auto& [name, value] : nats.terms)
    EXPECT_FLOAT_EQ(number(step.terms[name].value), number(value.mean())) << name;
}

TEST_P(AnyVae, OrderOfTheBatchDoesNotMatter) {
  torch::NoGradGuard no_grad;
  Vae vae(config, data_of(1, 8, 8));
  const Tensor x = images(6).x, order = torch::tensor({3, 1, 0, 5, 4, 2});
  EXPECT_TRUE(
      vae.reconstruct(x).index_select(0, order).allclose(vae.reconstruct(x.index_select(0, order)), 1e-4, 1e-5));
}

TEST_P(AnyVae, PicturesLieInTheRangeOfTheData) {
  torch::NoGradGuard no_grad;
  Vae vae(config, data_of(3, 8, 8));
  const Tensor x = vae.decode(20 * torch::randn({4, 5}), {});
  EXPECT_EQ(x.sizes(), (std::vector<int64_t>{4, 3, 8, 8}));
  EXPECT_LE(x.abs().max().item<double>(), 1);
}

TEST(Vae, LevelsSayWhichDensitiesHaveBits) {
  torch::NoGradGuard no_grad;
  const std::pair<LikelihoodKind, int64_t> expected[] = {{LikelihoodKind::kBernoulli, 2},
                                                         {LikelihoodKind::kGaussian, 0},
                                                         {LikelihoodKind::kLearnedGaussian, 0},
                                                         {LikelihoodKind::kDiscretisedLogistic, 256}};
  for (const auto& [likelihood, levels] : expected)
    EXPECT_EQ(Vae(small(NetworkKind::kDense, likelihood), data_of(1, 8, 8)).nats(images(2), 1).levels, levels);
}

/// a dense VAE without hidden layers is the linear-Gaussian model, whose evidence and bounds are known exactly.
/// Every observation of a batch is the same; the encoder's weights are zero, so its biases are the posterior.
class LinearGaussian : public testing::Test {
 protected:
  LinearGaussian()
      : vae({.network = NetworkKind::kDense,
             .hidden = {},
             .latent = 2,
             .likelihood = LikelihoodKind::kGaussian,
             .scale = .5},
            data_of(1, 1, 3)) {
    torch::manual_seed(2);
    vae.to(torch::kDouble);
    set("decoder.head.weight", torch::tensor({{1., .5}, {-.3, .8}, {.2, -1.}}));
    set("decoder.head.bias", torch::tensor({.1, -.2, .3}));
    set("encoder.head.weight", torch::zeros({4, 3}));
  }
  void set(const std::string& name, const Tensor& value) { vae.named_parameters()[name].copy_(value); }
  void set_posterior(double mean1, double mean2, double variance1, double variance2) {
    set("encoder.head.bias", torch::tensor({mean1, mean2, std::log(variance1), std::log(variance2)}, torch::kDouble));
  }
  void set_best_diagonal() { set_posterior(.608353675, -.325467860, .181159420, .116822430); }
  Nats nats(int64_t n, int64_t k) {
    return vae.nats(
        {.x = to_signed(torch::tensor({.7, -.4, 1.1}, torch::kDouble)).view({1, 1, 1, 3}).repeat({n, 1, 1, 1})}, k);
  }
  static void expect_mean(const Tensor& values, double expected, double more = 0) {
    EXPECT_NEAR(number(values.mean()), expected, 3 * number(values.std()) / std::sqrt(double(values.numel())) + more);
  }
  torch::NoGradGuard no_grad;
  Vae vae;
};

TEST_F(LinearGaussian, BestDiagonalPosteriorHasItsBound) {
  set_best_diagonal();
  const Nats one = nats(1000000, 1);
  EXPECT_NEAR(number(one.terms[1].second[0]), 1.314741711, 1e-6);
  expect_mean(one.terms[0].second, 1.943053769);
  expect_mean(one.total, 3.257795480769);
}

TEST_F(LinearGaussian, PriorAsPosteriorHasItsBound) {
  set_posterior(0, 0, 1, 1);
  expect_mean(nats(1000000, 1).total, 8.797374057934);
}

TEST_F(LinearGaussian, ImportanceWeightedBoundReachesTheEvidence) {
  set_best_diagonal();
  const double evidence = 3.257185600636;
  const double fifty = number(nats(20000, 50).total.mean());
  EXPECT_NEAR(fifty, 3.2572, 1e-3);
  set_posterior(0, 0, 1, 1);  // far from the posterior: the bounds lie well apart
  double looser = 8.797374057934;
  for (const int64_t k : {2, 5, 50}) {
    const double bound = number(nats(20000, k).total.mean());
    EXPECT_LT(bound, looser) << k;
    EXPECT_GT(bound, evidence) << k;
    looser = bound;
  }
}

TEST(Posterior, GradientPassesThroughTheDraw) {
  torch::manual_seed(4);
  const auto loss = [](const Tensor& mean, const Tensor& log_var) {
    torch::manual_seed(9);  // the same noise at each call
    return Posterior{mean, log_var}.draw().pow(3).sum();
  };
  const Tensor mean = torch::randn({4, 3}, torch::kDouble).requires_grad_(),
               log_var = torch::randn({4, 3}, torch::kDouble).requires_grad_();
  loss(mean, log_var).backward();
  const double h = 1e-6;
  for (int64_t i = 0; i < 12; ++i) {
    torch::NoGradGuard no_grad;
    const Tensor nudge = torch::zeros({12}, torch::kDouble).index_fill(0, torch::tensor({i}), h).view({4, 3});
    EXPECT_NEAR(number(mean.grad().flatten()[i]),
                number(loss(mean + nudge, log_var) - loss(mean - nudge, log_var)) / (2 * h), 1e-6);
    EXPECT_NEAR(number(log_var.grad().flatten()[i]),
                number(loss(mean, log_var + nudge) - loss(mean, log_var - nudge)) / (2 * h), 1e-6);
  }
}

TEST(Posterior, NoiseIsDrawnAnew) {
  const Posterior q{torch::zeros({2, 3}), torch::zeros({2, 3})};
  EXPECT_FALSE(q.draw().equal(q.draw()));
}

TEST(Vae, BinarisationIsDrawnAnewAndKeepsTheMean) {
  torch::manual_seed(0);
  const auto likelihood = make_likelihood({.likelihood = LikelihoodKind::kBernoulli}, {});
  const Tensor grey = torch::full({1, 1, 200, 200}, .3), x = likelihood->observed(grey);
  EXPECT_TRUE(x.eq(0).logical_or(x.eq(1)).all().item<bool>());
  EXPECT_NEAR(number(x.mean()), .3, 3 * std::sqrt(.3 * .7 / 40000));
  EXPECT_FALSE(x.equal(likelihood->observed(grey)));
}

TEST(Vae, WarmUpScalesTheKlTermByTheImagesSeen) {
  Config config = small(NetworkKind::kDense, LikelihoodKind::kBernoulli);
  config.beta = 4;
  config.warm_up_images = 12;
  Vae vae(config, data_of(1, 8, 8));
  PlainStep step(vae);
  for (const double weight : {0., 2., 4., 4.}) {
    vae.train_step(images(6), step);
    EXPECT_DOUBLE_EQ(step.terms["kl_nats"].weight, weight);
  }
}

TEST(Vae, FreeBitsLeaveTheReportedKlAlone) {
  Config config = small(NetworkKind::kDense, LikelihoodKind::kBernoulli);
  const auto terms_at = [&](double free_bits) {
    torch::manual_seed(6);
    config.free_bits = free_bits;
    Vae vae(config, data_of(1, 8, 8));
    PlainStep step(vae);
    vae.train_step(images(6), step);
    return step.terms;
  };
  auto plain = terms_at(0), generous = terms_at(3);
  EXPECT_DOUBLE_EQ(number(plain["kl_nats"].value), number(generous["kl_nats"].value));
  EXPECT_EQ(generous["kl_nats"].weight, 0);
  EXPECT_NEAR(number(generous["free_bits_nats"].value), 5 * 3, 1e-5);  // five dimensions below three nats each
}

TEST(Vae, LearnedScaleFollowsTheError) {
  Config config = small(NetworkKind::kDense, LikelihoodKind::kLearnedGaussian);
  Vae vae(config, data_of(1, 8, 8));
  const Tensor scale = vae.named_parameters()["likelihood.log_scale"];
  EXPECT_FLOAT_EQ(scale.item<float>(), std::log(.1f));
  PlainStep step(vae);
  vae.train_step(images(6), step);  // the error of an untrained decoder is larger than .1
  EXPECT_GT(scale.item<float>(), std::log(.1f));
  EXPECT_EQ(Vae(small(NetworkKind::kDense, LikelihoodKind::kGaussian), data_of(1, 8, 8))
                .named_parameters()
                .find("likelihood.log_scale"),
            nullptr);
}

class VaeDraws : public testing::Test {
 protected:
  VaeDraws() : vae(small(NetworkKind::kDense, LikelihoodKind::kBernoulli), data_of(1, 8, 8)) {}
  Tensor drawn(std::vector<int64_t> seeds, SampleOptions options) {
    return vae.sample({.seeds = std::move(seeds), .options = options});
  }
  torch::NoGradGuard no_grad;
  Vae vae;
};

TEST_F(VaeDraws, ImageDependsOnItsOwnSeedAlone) {
  EXPECT_TRUE(drawn({4, 17, 9}, {})[1].allclose(drawn({17}, {})[0], 1e-5, 1e-6));
  EXPECT_FALSE(drawn({4}, {}).allclose(drawn({17}, {})));
}

TEST_F(VaeDraws, TemperatureZeroIsTheCodeZero) {
  const Tensor middle = vae.decode(torch::zeros({1, 5}), {});
  EXPECT_TRUE(drawn({1}, {.temperature = 0}).equal(middle));
  EXPECT_TRUE(drawn({1}, {.temperature = 0, .truncation = 1}).equal(middle));
}

TEST_F(VaeDraws, NarrowTruncationIsNearTheCodeZero) {
  const Tensor middle = vae.decode(torch::zeros({1, 5}), {});
  const auto distance = [&](double truncation) {
    return number((drawn({1}, {.truncation = truncation}) - middle).abs().max());
  };
  EXPECT_LT(distance(1e-3), 1e-2);
  EXPECT_LT(distance(.5), number((drawn({1}, {}) - middle).abs().max()));
  EXPECT_NEAR(number((drawn({1}, {.truncation = 9}) - drawn({1}, {})).abs().max()), 0, 1e-6);
}

TEST(Vae, ImagesAndCodesOfOtherExtentsGetASentence) {
  for (const NetworkKind network : {NetworkKind::kDense, NetworkKind::kConv}) {
    Vae vae(small(network, LikelihoodKind::kBernoulli), data_of(1, 8, 8));
    EXPECT_THROW(vae.encode(images(2, 1, 8, 16).x), ShapeError);
    EXPECT_THROW(vae.encode(images(2, 3, 8, 8).x), ShapeError);
    EXPECT_THROW(vae.decode(torch::zeros({2, 6}), {}), ShapeError);
  }
}

TEST(Vae, TextOfTheOptionsMakesTheModel) {
  const Table table =
      Table::parse("network = 'gated_dense'\nhidden = [6]\nlikelihood = 'learned_gaussian'\nscale = 0.2", "test");
  const auto model = entry().make(table, data_of(1, 8, 8), {});
  EXPECT_NE(dynamic_cast<ScoresLikelihood*>(model.get()), nullptr);
  EXPECT_TRUE(model->named_parameters().contains("likelihood.log_scale"));
}

}  // namespace figment::vae
