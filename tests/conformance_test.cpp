// What every model of the catalog gets tested for without writing a line.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "figment/base/error.h"
#include "figment/checkpoint/safetensors.h"
#include "figment/contracts/capabilities.h"
#include "figment/models/cards.h"
#include "figment/models/entries.h"
#include "figment/tensor/tensors.h"
#include "figment/training/trainer.h"
#include "tests/made_data.h"

namespace figment {
namespace {

constexpr int64_t kBatch = 8;

/// Data that a model may be asked to learn from: what x holds, and how large it is.
struct Kind {
  std::string_view name;
  DataSpec spec;
};
const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"grey", {.x = PixelSpec{.channels = 1, .height = 16, .width = 16}}},
      {"colour", {.x = PixelSpec{.channels = 3, .height = 24, .width = 16}}},
      {"codes", {.x = CodeSpec{.num_codes = 6, .height = 5, .width = 4}}},
      {"points", {.x = PointSpec{.numbers = 2}}},
  };
  return all;
}

/// Defaults, but for points, which have no places to convolve over.
Table settings_of(const DataSpec& spec) {
  return std::holds_alternative<PointSpec>(spec.x) ? Table::parse("network = \"dense\"", "settings") : Table();
}

/// A model and the name of a kind.
using Case = std::tuple<std::string, std::string>;

class Conformance : public ::testing::TestWithParam<Case> {
 protected:
  const std::string& id() const { return std::get<0>(GetParam()); }
  const Entry& entry() const { return model_entry(id()); }
  /// The kind of data, with every kind of condition that the entry needs, and classes beside it.
  DataSpec spec() const {
    DataSpec spec = std::ranges::find(kinds(), std::get<1>(GetParam()), &Kind::name)->spec;
    std::vector<std::string_view> conditions = entry().needs;
    conditions.push_back("labels");
    spec.condition = made_condition_spec(conditions);
    return spec;
  }
  Batch batch(int64_t seed, int64_t count = kBatch) const { return made_batch(spec(), count, seed); }
  /// The extents of `count` examples.
  std::vector<int64_t> extents(int64_t count) const { return batch(0, count).x.sizes().vec(); }
  bool of_pixels() const { return std::holds_alternative<PixelSpec>(spec().x); }

  std::unique_ptr<Model> model(uint64_t seed = 1) const {
    torch::manual_seed(seed);
    return entry().make(settings_of(spec()), spec(), {});
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
  const auto resolve = model_card(id()).resolve;
  const Table once = resolve(Table());
  EXPECT_EQ(once.toml(), resolve(Table::parse(once.toml(), "again")).toml());
}

TEST_P(Conformance, RecipeNamesItsModel) {
  const Table recipe = Table::parse(model_card(id()).recipe, "recipe.toml");
  EXPECT_EQ(recipe.child("model").text_at("id"), id());
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
  const Batch given = batch(2, 3);
  const auto condition = [&](int64_t first, int64_t count) {
    return chosen(rows(given, first, count).condition, samples->takes());
  };
  const Tensor all = samples->sample({.seeds = {5, 6, 7}, .condition = condition(0, 3)});
  const Tensor one = samples->sample({.seeds = {6}, .condition = condition(1, 1)});
  EXPECT_EQ(all.sizes(), torch::IntArrayRef(extents(3)));
  EXPECT_EQ(all.is_floating_point(), given.x.is_floating_point());
  if (of_pixels()) { EXPECT_LE(all.abs().max().item<double>(), 1 + 1e-6); }
  EXPECT_TRUE(torch::allclose(all[1].to(torch::kDouble), one[0].to(torch::kDouble), 1e-5, 1e-6));
  EXPECT_FALSE(torch::allclose(all[0].to(torch::kDouble), all[1].to(torch::kDouble), 1e-3, 1e-3));
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
  if (auto* encodes = dynamic_cast<EncodesLatent*>(m.get())) {
    EXPECT_EQ(encodes->encode(x).sizes(), torch::IntArrayRef({kBatch, encodes->latent_size()}));
  }
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

/// Each model with each kind of data that its entry says it models.
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const ModelCard& card : model_cards())
    for (const Kind& kind : kinds())
      if (std::ranges::count(model_entry(card.id).models, held_by(kind.spec)) > 0) all.emplace_back(card.id, kind.name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Catalog, Conformance, ::testing::ValuesIn(cases()),
                         [](const auto& info) { return std::get<0>(info.param) + "_" + std::get<1>(info.param); });

/// Whatever else the data holds is refused in a sentence, before anything is built.
TEST(Catalog, OtherContentsAreRefusedInASentence) {
  for (const ModelCard& card : model_cards())
    for (const Kind& kind : kinds()) {
      const Entry& entry = model_entry(card.id);
      if (std::ranges::count(entry.models, held_by(kind.spec)) > 0) continue;
      try {
        expect_takes(entry, kind.spec, card.id, "x");
        ADD_FAILURE() << card.id << " takes " << kind.name;
      } catch (const DataError& error) {
        EXPECT_THAT(error.what(), ::testing::HasSubstr("'x' holds " + std::string(held_by(kind.spec))));
      }
    }
}

}  // namespace
}  // namespace figment
