#include "figment/models/vq_vae/vq_vae.h"

#include <gmock/gmock.h>

#include <cmath>

#include "figment/base/error.h"
#include "figment/training/trainer.h"

namespace figment::vq_vae {
namespace {

DataSpec data_of(int64_t channels, int64_t height, int64_t width) {
  return {.x = PixelSpec{.channels = channels, .height = height, .width = width}};
}

Config small() {
  return {.stages = 2,
          .stem = 8,
          .width = 16,
          .blocks = 1,
          .residual = 8,
          .quantizer = {.num_codes = 64, .size = 8},
          .warm_up_images = 0};
}

/// Smooth random waves: [N,1,16,16] in [-1,1].
Batch waves(int64_t n) {
  const Tensor across = torch::linspace(-1, 1, 16).view({1, 1, 1, 16}), down = across.view({1, 1, 16, 1});
  const auto any = [&](double scale) { return torch::randn({n, 1, 1, 1}) * scale; };
  return {.x = torch::sin(any(4) * across + any(4) * down + any(3))};
}

class PlainStep final : public Step {  // gradient descent
 public:
  explicit PlainStep(Model& model) : descent_(model.parameters(), torch::optim::SGDOptions(1e-3)) {}
  void minimize(int, const Batch& batch, const Objective& objective) override {
    terms.clear();
    Tensor loss = torch::zeros({});
    for (const LossTerm& term : objective(batch)) {
      terms.emplace(std::string(term.name), term);
      loss = loss + term.value * term.weight;
    }
    descent_.zero_grad();
    loss.backward();
    descent_.step();
    seen_ += double(batch.size());
  }
  void observe(std::string_view metric, const Tensor&) override { observed.insert(std::string(metric)); }
  int64_t iteration() const override { return 0; }
  double images() const override { return seen_; }
  double progress() const override { return done; }
  double done = 0;
  std::map<std::string, LossTerm> terms;
  std::set<std::string> observed;

 private:
  torch::optim::SGD descent_;
  double seen_ = 0;
};

double number(const Tensor& t) { return t.item<double>(); }

}  // namespace

class AnyVqVae : public testing::TestWithParam<std::tuple<CodebookKind, Estimator, HeadKind>> {
 protected:
  AnyVqVae() {
    torch::manual_seed(5);
    config = small();
    std::tie(config.quantizer.codebook, config.quantizer.estimator, config.head) = GetParam();
  }
  Config config;
};
INSTANTIATE_TEST_SUITE_P(QuantizerAndHead, AnyVqVae,
                         testing::Combine(testing::Values(CodebookKind::kMovingAverage, CodebookKind::kGradient,
                                                          CodebookKind::kFiniteScalar),
                                          testing::Values(Estimator::kStraightThrough, Estimator::kRotation),
                                          testing::Values(HeadKind::kSquaredError, HeadKind::kDiscretisedLogistic,
                                                          HeadKind::kCategorical)));

TEST_P(AnyVqVae, TakesTwoFiniteStepsThatReachEveryWeight) {
  VqVae model(config, data_of(3, 8, 12));
  PlainStep step(model);
  const Batch batch{.x = torch::randint(0, 256, {6, 3, 8, 12}) / 127.5 - 1};
  model.initialize(batch);
  for (int i = 0; i < 2; ++i) model.train_step(batch, step);
  for (const auto& [name, term] : step.terms) EXPECT_TRUE(std::isfinite(number(term.value))) << name;
  for (const Tensor& p : model.parameters()) EXPECT_TRUE(p.grad().defined() && p.isfinite().all().item<bool>());
  EXPECT_THAT(step.observed, testing::UnorderedElementsAre("codebook_perplexity", "codebook_usage"));
}

TEST(VqVae, BoundIsReconstructionAndUniformPrior) {
  torch::manual_seed(6);
  Config config = small();
  for (const HeadKind head : {HeadKind::kDiscretisedLogistic, HeadKind::kCategorical}) {
    config.head = head;
    VqVaeWithLikelihood model(config, data_of(1, 8, 8));
    const Batch batch{.x = torch::randint(0, 256, {5, 1, 8, 8}) / 127.5 - 1};
    PlainStep step(model);
    const torch::NoGradGuard no_grad;
    model.eval();
    const Nats nats = model.nats(batch, 1);
    EXPECT_EQ(nats.levels, 256);
    EXPECT_TRUE(nats.terms[1].second.allclose(torch::full({5}, 4 * std::log(64.))));
    EXPECT_TRUE(nats.total.allclose(nats.terms[0].second + nats.terms[1].second));
    EXPECT_TRUE(model.nats(batch, 9).total.equal(nats.total));
  }
}

TEST(VqVae, RevivesCodesUntilThreeQuartersOfTheTraining) {
  Config config = small();
  config.warm_up_images = 0;
  config.quantizer.k_means = false;
  config.quantizer.revive_below = 1;
  const auto unused_after_a_step = [&](double progress) {
    torch::manual_seed(7);
    VqVae model(config, data_of(1, 8, 8));
    PlainStep step(model);
    step.done = progress;
    model.train_step({.x = torch::randint(0, 256, {5, 1, 8, 8}) / 127.5 - 1}, step);
    const Tensor hits = model.named_buffers()["quantizer.hits"];
    return (hits - config.quantizer.decay).abs().lt(1e-6).sum().item<int64_t>();  // began at 1 and were not chosen
  };
  EXPECT_EQ(unused_after_a_step(0.7), 0);
  EXPECT_GT(unused_after_a_step(0.8), 0);
}

TEST(VqVae, HeadDecidesWhetherThereIsALikelihood) {
  const auto model = [](const char* settings) {
    return entry().make(Table::parse(settings, "test"), data_of(1, 28, 28), {});
  };
  EXPECT_EQ(dynamic_cast<ScoresLikelihood*>(model("").get()), nullptr);
  EXPECT_NE(dynamic_cast<ScoresLikelihood*>(model("head = 'categorical'").get()), nullptr);
}

TEST(VqVae, HasTheSizeOfThePrototype) {  // half a million
  int64_t numbers = 0;
  for (const Tensor& p : VqVae({}, data_of(1, 28, 28)).parameters()) numbers += p.numel();
  EXPECT_NEAR(double(numbers), 5e5, 5e4);
}

TEST(VqVae, SquaredErrorIsMeasuredInVariancesOfTheData) {
  torch::manual_seed(7);
  VqVae model(small(), data_of(1, 16, 16));
  const Batch batch = waves(64);
  model.initialize(batch);
  PlainStep step(model);
  model.train_step(batch, step);
  EXPECT_NEAR(step.terms.at("reconstruction_mse").weight, 1 / number(to_unit(batch.x).var()), 1e-4);
}

TEST(VqVae, WarmUpLearnsWithoutCodesAndThenStartsThem) {
  torch::manual_seed(8);
  Config config = small();
  config.warm_up_images = 24;
  VqVae model(config, data_of(1, 16, 16));
  PlainStep step(model);
  const auto codebook = [&] { return model.named_buffers()["quantizer.codebook"].clone(); };
  const Tensor before = codebook();
  model.train_step(waves(16), step);
  EXPECT_THAT(step.terms, testing::SizeIs(1));
  EXPECT_TRUE(codebook().equal(before));
  model.train_step(waves(16), step);  // reaches 24 images
  EXPECT_FALSE(codebook().equal(before));
  EXPECT_TRUE(step.observed.empty());
  model.train_step(waves(16), step);
  EXPECT_TRUE(step.terms.contains("commitment"));
}

TEST(VqVae, AWarmUpLongerThanTheTrainingEndsAfterAQuarter) {
  torch::manual_seed(8);
  Config config = small();
  config.warm_up_images = 1000;
  VqVae model(config, data_of(1, 16, 16));
  Trainer trainer(model, nullptr, {.images = 8 * 16, .batch_size = 16, .precision = Precision::kFp32});
  const auto codebook = [&] { return model.named_buffers()["quantizer.codebook"].clone(); };
  const Tensor before = codebook();
  trainer.step(waves(16));
  EXPECT_TRUE(codebook().equal(before));
  trainer.step(waves(16));
  EXPECT_FALSE(codebook().equal(before));
  EXPECT_FALSE(trainer.take_log().contains("train/codebook_usage"));
  trainer.step(waves(16));
  EXPECT_TRUE(trainer.take_log().contains("train/codebook_usage"));
}

TEST(VqVae, HeldOutLossesAreThoseOfCodesEvenDuringWarmUp) {
  Config config = small();
  config.warm_up_images = 1000;
  VqVae model(config, data_of(1, 16, 16));
  EXPECT_TRUE(held_out_losses(model, [](const auto& f) { f(waves(4)); }, 0).contains("commitment"));
}

/// Share of codes that any of 1,000 fresh images uses, after 300 steps.
double usage_after_training(const Config& config) {
  torch::manual_seed(9);
  VqVae model(config, data_of(1, 16, 16));
  Trainer trainer(model, nullptr, {.images = 300 * 32, .batch_size = 32, .precision = Precision::kFp32});
  model.initialize(waves(1024));
  for (int i = 0; i < 300; ++i) trainer.step(waves(32));
  const torch::NoGradGuard no_grad;
  model.eval();
  return number(
      (torch::bincount(model.encode_codes(waves(1000).x)[0].flatten(), {}, 64) > 0).to(torch::kDouble).mean());
}

/// A codebook that starts anywhere and lets its codes die, as the paper's does, collapses on this task.
TEST(VqVae, DefaultsKeepTheCodebookInUseWhereThePlainQuantizerCollapses) {
  Config plain = small();
  plain.quantizer.k_means = false;
  plain.quantizer.revive_below = 0;
  EXPECT_LT(usage_after_training(plain), .2);
  EXPECT_GT(usage_after_training(small()), .9);
}

/// The conformance tests do not reach beyond the warm-up: here codes move, die and are revived.
TEST(VqVae, TrainingWithCodesContinuesFromItsState) {
  torch::manual_seed(11);
  std::vector<Batch> batches;
  for (int i = 0; i < 6; ++i) batches.push_back(waves(8));
  const TrainingOptions options{.images = 48, .batch_size = 8, .precision = Precision::kFp32};
  Config config = small();
  config.quantizer.revive_below = .5;
  VqVae straight(config, data_of(1, 16, 16)), stopped(config, data_of(1, 16, 16));
  load_strictly(tensors_of(straight), tensors_of(stopped), "weights");
  Trainer whole(straight, nullptr, options), half(stopped, nullptr, options);
  torch::manual_seed(12);
  for (int i = 0; i < 6; ++i) whole.step(batches[size_t(i)]);
  torch::manual_seed(12);
  for (int i = 0; i < 3; ++i) half.step(batches[size_t(i)]);
  TensorMap state, weights;
  for (const auto& [name, tensor] : half.state()) state[name] = tensor.clone();
  for (const auto& [name, tensor] : tensors_of(stopped)) weights[name] = tensor.detach().clone();
  VqVae resumed(config, data_of(1, 16, 16));
  load_strictly(weights, tensors_of(resumed), "weights");
  Trainer rest(resumed, nullptr, options);
  rest.load_state(state, "state");
  for (int i = 3; i < 6; ++i) rest.step(batches[size_t(i)]);
  const TensorMap expected = tensors_of(straight);
  for (const auto& [name, tensor] : tensors_of(resumed)) EXPECT_TRUE(tensor.equal(expected.at(name))) << name;
}

TEST(VqVae, OverfitsAHandfulOfImages) {  // with more codes than places nothing is lost
  torch::manual_seed(10);
  VqVae model(small(), data_of(1, 16, 16));
  const Batch batch = waves(4);
  Trainer trainer(model, nullptr, {.images = 400 * 4, .batch_size = 4, .precision = Precision::kFp32});
  model.initialize(batch);
  for (int i = 0; i < 400; ++i) trainer.step(batch);
  const torch::NoGradGuard no_grad;
  model.eval();
  EXPECT_LT(number((model.reconstruct(batch.x) - batch.x).square().mean()), .01);
}

TEST(VqVae, ExhibitsAreEveryCodeAndMapsOverImages) {
  const torch::NoGradGuard no_grad;
  for (const int64_t channels : {1, 3}) {
    VqVae model(small(), data_of(channels, 16, 16));
    model.eval();
    const auto exhibits = model.show({.x = waves(5).x.repeat({1, channels, 1, 1})});
    ASSERT_EQ(exhibits.size(), 2u);
    EXPECT_EQ(exhibits[0].images.sizes(), torch::IntArrayRef({64, channels, 16, 16}));
    EXPECT_EQ(exhibits[1].images.sizes(), torch::IntArrayRef({10, 3, 16, 16}));
    for (const Exhibit& exhibit : exhibits) EXPECT_LE(number(exhibit.images.abs().max()), 1);
  }
}

TEST(VqVae, ImagesAndCodesThatDoNotFitGetASentence) {
  EXPECT_THROW(VqVae(small(), data_of(1, 28, 30)), ConfigError);
  VqVae model(small(), data_of(1, 16, 16));
  EXPECT_THROW(model.encode_codes(torch::zeros({1, 3, 16, 16})), ShapeError);
  EXPECT_THROW(model.decode_codes({torch::zeros({1, 3, 4}, torch::kLong)}), ShapeError);
}

}  // namespace figment::vq_vae
