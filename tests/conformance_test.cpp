// What every model of the catalog gets tested for without writing a line.
#include <gmock/gmock.h>

#include <cmath>

#include "figment/base/error.h"
#include "figment/checkpoint/safetensors.h"
#include "figment/contracts/capabilities.h"
#include "figment/models/cards.h"
#include "figment/models/entries.h"
#include "figment/tensor/tensors.h"
#include "figment/training/trainer.h"

namespace figment {
namespace {

constexpr int64_t kBatch = 8;

/// Small data that a model may ask for: 16 x 16 grey pixels with a class.
DataSpec spec() {
  return {.x = PixelSpec{.channels = 1, .height = 16, .width = 16},
          .condition = {.label = LabelSpec{.names = {"a", "b", "c"}}}};
}

Batch batch(int64_t seed) {
  const auto generator = at::detail::createCPUGenerator(uint64_t(seed));
  return {.x = torch::rand({kBatch, 1, 16, 16}, generator) * 2 - 1,
          .condition = {.label = torch::randint(3, {kBatch}, generator)}};
}

class Conformance : public ::testing::TestWithParam<std::string> {
 protected:
  const Entry& entry() const { return model_entry(GetParam()); }
  std::unique_ptr<Model> model(uint64_t seed = 1) const {
    torch::manual_seed(seed);
    return entry().make(Table(), spec());
  }
  TrainingOptions options() const {
    return {.images = 100 * kBatch, .batch_size = kBatch, .average_half_life = 50, .precision = Precision::kFp32};
  }
  /// Losses of some steps, all noise from one seed.
  std::vector<std::map<std::string, double>> losses(Model& m, TrainingOptions o, int steps) const {
    Trainer trainer(m, nullptr, o);
    torch::manual_seed(7);
    m.initialize(batch(0));
    std::vector<std::map<std::string, double>> all;
    for (int i = 0; i < steps; ++i) {
      trainer.step(batch(i));
      all.push_back(trainer.take_log());
    }
    return all;
  }
};

std::map<std::string, Tensor> copied(const TensorMap& tensors) {
  std::map<std::string, Tensor> all;
  for (const auto& [name, tensor] : tensors) all[name] = tensor.detach().clone();
  return all;
}

bool equal(const TensorMap& a, const TensorMap& b) {
  if (a.size() != b.size()) return false;
  for (const auto& [name, tensor] : a)
    if (!b.contains(name) || !torch::equal(tensor, b.at(name))) return false;
  return true;
}

TEST_P(Conformance, ResolvedSettingsReadBackAsTheyWere) {
  const auto resolve = model_card(GetParam()).resolve;
  const Table once = resolve(Table());
  EXPECT_EQ(once.toml(), resolve(Table::parse(once.toml(), "again")).toml());
}

TEST_P(Conformance, RecipeNamesItsModel) {
  const Table recipe = Table::parse(model_card(GetParam()).recipe, "recipe.toml");
  EXPECT_EQ(recipe.child("model").text_at("id"), GetParam());
}

TEST_P(Conformance, GroupsAreDisjointAndHoldEveryTrainableParameter) {
  const auto m = model();
  std::vector<void*> seen;
  for (const ParameterGroup& group : m->groups())
    for (const Tensor& p : group.parameters) seen.push_back(p.unsafeGetTensorImpl());
  std::vector<void*> trainable;
  for (const Tensor& p : m->parameters())
    if (p.requires_grad()) trainable.push_back(p.unsafeGetTensorImpl());
  EXPECT_THAT(seen, ::testing::UnorderedElementsAreArray(trainable));
}

TEST_P(Conformance, StepsGiveFiniteLossesThatRepeatWithTheSeed) {
  const auto first = losses(*model(), options(), 3), second = losses(*model(), options(), 3);
  EXPECT_EQ(first, second);
  for (const auto& step : first)
    for (const auto& [name, value] : step) EXPECT_TRUE(std::isfinite(value)) << name;
}

TEST_P(Conformance, AStepMovesEveryGroup) {
  const auto m = model();
  const auto before = copied(tensors_of(*m));
  losses(*m, options(), 1);
  for (const ParameterGroup& group : m->groups()) {
    bool moved = false;
    for (const auto& item : m->named_parameters())
      for (const Tensor& p : group.parameters)
        if (p.is_same(item.value())) moved |= !torch::equal(p, before.at(item.key()));
    EXPECT_TRUE(moved) << group.name;
  }
}

TEST_P(Conformance, ASplitStepRuns) {
  TrainingOptions split = options();
  split.micro_batches = 2;
  for (const auto& step : losses(*model(), split, 2))
    for (const auto& [name, value] : step) EXPECT_TRUE(std::isfinite(value)) << name;
}

TEST_P(Conformance, HeldOutLossesLeaveTheModelAsItWas) {
  const auto m = model();
  losses(*m, options(), 1);
  const auto before = copied(tensors_of(*m));
  const auto means = held_out_losses(*m, [&](const auto& f) { f(batch(3)), f(batch(4)); }, 0);
  for (const ParameterGroup& group : m->groups())
    EXPECT_TRUE(means.contains(m->groups().size() > 1 ? std::string(group.name) + "/loss" : "loss")) << group.name;
  EXPECT_TRUE(equal(tensors_of(*m), before));
}

TEST_P(Conformance, WeightsTravelThroughAFile) {
  const auto m = model(), other = model(2);
  losses(*m, options(), 1);
  const TensorFile file = from_safetensors(to_safetensors(tensors_of(*m)), "memory");
  load_strictly(file.tensors, tensors_of(*other), "memory");
  EXPECT_TRUE(equal(tensors_of(*m), tensors_of(*other)));
}

TEST_P(Conformance, ForeignWeightsAreRefusedBeforeAnythingIsTouched) {
  const auto m = model();
  const auto before = copied(tensors_of(*m));
  TensorMap foreign(before.begin(), before.end());
  foreign.erase(foreign.begin());
  for (auto& [name, tensor] : foreign) tensor = tensor + 1;
  EXPECT_THROW(load_strictly(foreign, tensors_of(*m), "x"), CheckpointError);
  EXPECT_TRUE(equal(tensors_of(*m), before));
}

TEST_P(Conformance, TrainingContinuesFromItsStateAsIfNothingHadHappened) {
  const auto straight = model(), stopped = model(), average = model(), other_average = model();
  Trainer whole(*straight, average.get(), options());
  torch::manual_seed(7);
  for (int i = 0; i < 4; ++i) whole.step(batch(i));

  Trainer half(*stopped, other_average.get(), options());
  torch::manual_seed(7);
  for (int i = 0; i < 2; ++i) half.step(batch(i));
  const auto saved = copied(half.state()), weights = copied(tensors_of(*stopped)),
             averages = copied(tensors_of(*other_average));

  const auto resumed = model(5), resumed_average = model(6);
  load_strictly({weights.begin(), weights.end()}, tensors_of(*resumed), "weights");
  load_strictly({averages.begin(), averages.end()}, tensors_of(*resumed_average), "average");
  Trainer rest(*resumed, resumed_average.get(), options());
  rest.load_state({saved.begin(), saved.end()}, "state");
  for (int i = 2; i < 4; ++i) rest.step(batch(i));
  EXPECT_TRUE(equal(tensors_of(*straight), tensors_of(*resumed)));
  EXPECT_TRUE(equal(tensors_of(*average), tensors_of(*resumed_average)));
  EXPECT_TRUE(equal(whole.state(), rest.state()));
  EXPECT_EQ(whole.take_log(), rest.take_log());
}

TEST_P(Conformance, SamplesLookTheSameAloneAndTogether) {
  const auto m = model();
  auto* samples = dynamic_cast<Samples*>(m.get());
  if (!samples) GTEST_SKIP() << "it does not sample";
  const torch::NoGradGuard no_grad;
  m->eval();
  const auto condition = [&](int64_t n) {
    return samples->takes().label ? Condition{.label = torch::zeros({n}, torch::kInt64)} : Condition{};
  };
  const Tensor all = samples->sample({.seeds = {5, 6, 7}, .condition = condition(3)});
  const Tensor one = samples->sample({.seeds = {6}, .condition = condition(1)});
  EXPECT_EQ(all.sizes(), torch::IntArrayRef({3, 1, 16, 16}));
  EXPECT_LE(all.abs().max().item<double>(), 1 + 1e-6);
  EXPECT_TRUE(torch::allclose(all[1], one[0], 1e-5, 1e-6));
  EXPECT_FALSE(torch::allclose(all[0], all[1], 1e-3, 1e-3));
}

TEST_P(Conformance, ReconstructionsAndCodesHaveTheirShapes) {
  const auto m = model();
  const torch::NoGradGuard no_grad;
  m->eval();
  const auto before = copied(tensors_of(*m));
  const Tensor x = batch(1).x;
  if (auto* reconstructs = dynamic_cast<Reconstructs*>(m.get())) {
    EXPECT_EQ(reconstructs->reconstruct(x).sizes(), x.sizes());
    EXPECT_TRUE(torch::equal(reconstructs->reconstruct(x), reconstructs->reconstruct(x)));
  }
  if (auto* encodes = dynamic_cast<EncodesLatent*>(m.get()))
    EXPECT_EQ(encodes->encode(x).sizes(), torch::IntArrayRef({kBatch, encodes->latent_size()}));
  EXPECT_TRUE(equal(tensors_of(*m), before));
}

TEST_P(Conformance, CodesFillTheirGridsAndDecodeToTheReconstruction) {
  const auto m = model();
  auto* encodes = dynamic_cast<EncodesDiscrete*>(m.get());
  if (!encodes) GTEST_SKIP() << "it has no codes";
  losses(*m, options(), 2);
  const torch::NoGradGuard no_grad;
  m->eval();
  const auto before = copied(tensors_of(*m));
  const Tensor x = batch(1).x;
  const std::vector<Tensor> codes = encodes->encode_codes(x), again = encodes->encode_codes(x);
  const std::vector<CodeSpec> grids = encodes->grids();
  ASSERT_EQ(codes.size(), grids.size());
  for (size_t i = 0; i < grids.size(); ++i) {
    EXPECT_EQ(codes[i].sizes(), torch::IntArrayRef({kBatch, grids[i].height, grids[i].width}));
    EXPECT_EQ(codes[i].scalar_type(), torch::kLong);
    EXPECT_GE(codes[i].min().item<int64_t>(), 0);
    EXPECT_LT(codes[i].max().item<int64_t>(), grids[i].num_codes);
    EXPECT_TRUE(codes[i].equal(again[i]));
    EXPECT_TRUE(i == 0 || codes[i].numel() >= codes[i - 1].numel()) << "coarsest first";
  }
  const Tensor decoded = encodes->decode_codes(codes);
  EXPECT_EQ(decoded.sizes(), x.sizes());
  EXPECT_LE(decoded.abs().max().item<double>(), 1);
  EXPECT_TRUE(decoded.equal(encodes->reconstruct(x)));
  const Tensor painted = encodes->paint_codes(codes);
  EXPECT_EQ(painted.sizes(), torch::IntArrayRef({kBatch, 3, x.size(2), x.size(3)}));
  EXPECT_LE(painted.abs().max().item<double>(), 1);
  EXPECT_TRUE(equal(tensors_of(*m), before));
}

TEST_P(Conformance, WrongCodesGetASentence) {
  const auto m = model();
  auto* encodes = dynamic_cast<EncodesDiscrete*>(m.get());
  if (!encodes) GTEST_SKIP() << "it has no codes";
  const torch::NoGradGuard no_grad;
  m->eval();
  std::vector<Tensor> codes = encodes->encode_codes(batch(1).x);
  EXPECT_THROW(encodes->decode_codes({}), ShapeError);
  const Tensor last = codes.back();
  codes.back() = last.narrow(1, 0, last.size(1) - 1);
  EXPECT_THROW(encodes->decode_codes(codes), ShapeError);
  codes.back() = torch::full_like(last, encodes->grids().back().num_codes);
  EXPECT_THROW(encodes->decode_codes(codes), DataError);
  EXPECT_THROW(encodes->paint_codes(codes), DataError);
}

TEST_P(Conformance, TheBoundIsTheSumOfItsTermsAndTightensWithSamples) {
  const auto m = model();
  auto* scores = dynamic_cast<ScoresLikelihood*>(m.get());
  if (!scores) GTEST_SKIP() << "it has no likelihood";
  const torch::NoGradGuard no_grad;
  m->eval();
  torch::manual_seed(1);
  const Nats one = scores->nats(batch(1), 1);
  ASSERT_EQ(one.total.sizes(), torch::IntArrayRef({kBatch}));
  Tensor sum = torch::zeros({kBatch});
  for (const auto& [name, term] : one.terms) sum = sum + term;
  EXPECT_TRUE(one.terms.empty() || torch::allclose(sum, one.total, 1e-4, 1e-3));
  if (scores->exact()) {
    EXPECT_TRUE(torch::equal(scores->nats(batch(1), 64).total, one.total));
    return;
  }
  Tensor loose = torch::zeros({kBatch});  // bounds are ordered in expectation
  for (int i = 0; i < 64; ++i) loose = loose + scores->nats(batch(1), 1).total / 64;
  EXPECT_LT(scores->nats(batch(1), 64).total.mean().item<double>(), loose.mean().item<double>());
}

std::vector<std::string> ids() {
  std::vector<std::string> all;
  for (const ModelCard& card : model_cards()) all.emplace_back(card.id);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Catalog, Conformance, ::testing::ValuesIn(ids()), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace figment
