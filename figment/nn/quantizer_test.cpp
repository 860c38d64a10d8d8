#include "figment/nn/quantizer.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "figment/nn/estimators.h"
#include "figment/nn/finite_scalar_quantizer.h"
#include "figment/nn/k_means.h"
#include "figment/nn/vector_quantizer.h"

namespace figment {
namespace {

double number(const Tensor& t) { return t.item<double>(); }

/// Rows [M,D] as a map [1,D,M,1].
Tensor map_of(const Tensor& rows) { return rows.t().contiguous().view({1, rows.size(1), rows.size(0), 1}); }

void set(torch::nn::Module& module, const char* name, const Tensor& value) {
  const torch::NoGradGuard no_grad;
  Tensor* tensor = module.named_buffers().find(name);
  (tensor ? *tensor : module.named_parameters()[name]).copy_(value);
}

Tensor buffer(const torch::nn::Module& module, const char* name) { return module.named_buffers()[name].clone(); }

/// One step of training: everything but the optimizer's.
Tensor step(Quantizer& quantizer, const Tensor& z) {
  const Tensor code = quantizer.forward(z).code;
  quantizer.count(z, code);
  quantizer.follow(true);
  return code;
}

/// four unit vectors along the axes and three vectors near two of them.
struct Axes {
  Axes() { put(); }
  void put() {
    set(quantizer, "codebook", axes);
    set(quantizer, "sums", axes);
  }
  Tensor axes = torch::tensor({{1.f, 0.f}, {0.f, 1.f}, {-1.f, 0.f}, {0.f, -1.f}});
  Tensor z = map_of(torch::tensor({{.9f, .1f}, {1.1f, .2f}, {.2f, 1.2f}}));
  VectorQuantizer quantizer{{.num_codes = 4, .size = 2, .revive_below = 0}};
};

TEST(VectorQuantizer, MovingAveragesAreThoseOfAppendixA1) {
  Axes a;
  const Tensor code = step(a.quantizer, a.z);
  EXPECT_TRUE(code.flatten().equal(torch::tensor({0, 0, 1}, torch::kLong)));
  EXPECT_TRUE(buffer(a.quantizer, "hits").allclose(torch::tensor({1.01f, 1.f, .99f, .99f})));
  EXPECT_TRUE(buffer(a.quantizer, "sums")
                  .allclose(torch::tensor({{1.01f, .003f}, {.002f, 1.002f}, {-.99f, 0.f}, {0.f, -.99f}}), 1e-5, 1e-6));
  EXPECT_TRUE(buffer(a.quantizer, "codebook")
                  .allclose(torch::tensor({{1.f, .0030f}, {.0020f, 1.0020f}, {-1.f, 0.f}, {0.f, -1.f}}), 0, 1e-4));
}

/// N = 0 beside m = e, widely copied, throws a code that nothing chose to 99,132 times its length.
TEST(VectorQuantizer, StartIsConsistent) {
  VectorQuantizer quantizer({.num_codes = 4, .size = 2, .revive_below = 0});
  const Tensor before = buffer(quantizer, "codebook");
  EXPECT_TRUE((buffer(quantizer, "sums") / buffer(quantizer, "hits").unsqueeze(1)).allclose(before));
  const Tensor z = map_of(before.narrow(0, 0, 1));
  for (int i = 0; i < 50; ++i) step(quantizer, z);
  EXPECT_TRUE(buffer(quantizer, "codebook").allclose(before, 1e-2, 1e-2));
}

TEST(VectorQuantizer, TwoHalvesCountAsTheWhole) {  // micro-batches, or two processes' batches
  torch::manual_seed(1);
  Axes whole, halves;
  const Tensor z = torch::randn({6, 2, 5, 3});
  step(whole.quantizer, z);
  for (const Tensor& part : z.chunk(2)) halves.quantizer.count(part, halves.quantizer.forward(part).code);
  halves.quantizer.follow(true);
  for (const char* name : {"codebook", "sums", "hits", "uses"})
    EXPECT_TRUE(buffer(whole.quantizer, name).allclose(buffer(halves.quantizer, name), 1e-6, 1e-6)) << name;
}

TEST(VectorQuantizer, ForwardAndEvalModeChangeNothing) {
  Axes a;
  const auto unchanged = [&] {
    return buffer(a.quantizer, "codebook").equal(a.axes) && buffer(a.quantizer, "hits").equal(torch::ones({4})) &&
           buffer(a.quantizer, "uses").equal(torch::zeros({4}));
  };
  a.quantizer.forward(a.z);
  EXPECT_TRUE(unchanged());
  a.quantizer.eval();
  step(a.quantizer, a.z);
  EXPECT_TRUE(unchanged());
  a.quantizer.train();
  step(a.quantizer, a.z);
  EXPECT_FALSE(unchanged());
}

TEST(VectorQuantizer, GradientPassesStraightThrough) {
  torch::manual_seed(2);
  for (const CodebookKind kind : {CodebookKind::kMovingAverage, CodebookKind::kGradient}) {
    VectorQuantizer quantizer({.codebook = kind, .num_codes = 7, .size = 3});
    const Tensor z = torch::randn({2, 3, 4, 5}).requires_grad_(), weight = torch::randn({2, 3, 4, 5});
    const Quantized q = quantizer.forward(z);
    EXPECT_TRUE(q.quantized.equal(quantizer.lookup(q.code)));  // to the last bit
    (q.quantized * weight).sum().backward();
    EXPECT_TRUE(z.grad().equal(weight));
    for (const Tensor& p : quantizer.parameters()) EXPECT_FALSE(p.grad().defined());
  }
}

TEST(VectorQuantizer, EachLossMovesItsOwnSide) {
  torch::manual_seed(3);
  VectorQuantizer quantizer({.codebook = CodebookKind::kGradient, .num_codes = 1, .size = 3, .commitment = .4});
  const Tensor z = torch::randn({2, 3, 4, 5}).requires_grad_(), e = quantizer.parameters()[0];
  const Quantized q = quantizer.forward(z);
  ASSERT_EQ(q.losses.size(), 2u);
  EXPECT_EQ(q.losses[0].weight, .4);
  EXPECT_EQ(q.losses[1].weight, 1);
  q.losses[0].value.backward({}, true);
  EXPECT_FALSE(e.grad().defined());
  EXPECT_TRUE(z.grad().allclose(2 * (z - e.view({1, 3, 1, 1})) / double(z.numel())));
  const Tensor pulled = z.grad().clone();
  q.losses[1].value.backward();
  EXPECT_TRUE(z.grad().equal(pulled));
  EXPECT_TRUE(e.grad()[0].allclose(-pulled.sum({0, 2, 3}), 1e-4, 1e-6));
}

TEST(VectorQuantizer, RevivedCodeStaysWhereItWasPut) {
  torch::manual_seed(4);
  Axes a;
  VectorQuantizer quantizer({.num_codes = 4, .size = 2, .decay = 0, .revive_below = .03});
  set(quantizer, "codebook", a.axes);
  step(quantizer, a.z);  // the last two were chosen by nothing
  const Tensor codes = buffer(quantizer, "codebook"), rows = a.z.view({2, 3}).t();
  for (const int64_t dead : {2, 3}) {
    const Tensor distance = (rows - codes[dead]).abs().sum(1);
    EXPECT_EQ(number(distance.min()), 0) << dead;
    EXPECT_TRUE((buffer(quantizer, "sums") / buffer(quantizer, "hits").unsqueeze(1))[dead].allclose(codes[dead]));
    EXPECT_NEAR(number(buffer(quantizer, "hits")[dead]), .03 * 3 / 4, 1e-6);
  }
}

TEST(VectorQuantizer, DeadCodesStayDeadWhereNobodyRevives) {
  Axes a;
  VectorQuantizer quantizer({.num_codes = 4, .size = 2, .revive_below = 1});
  set(quantizer, "codebook", a.axes);
  set(quantizer, "sums", a.axes);
  quantizer.count(a.z, quantizer.forward(a.z).code);
  quantizer.follow(false);
  EXPECT_TRUE(buffer(quantizer, "codebook").narrow(0, 2, 2).allclose(a.axes.narrow(0, 2, 2), 1e-4, 1e-6));
}

TEST(VectorQuantizer, CosineCodesHaveLengthOneAndIgnoreLengths) {
  torch::manual_seed(5);
  for (const CodebookKind kind : {CodebookKind::kMovingAverage, CodebookKind::kGradient}) {
    VectorQuantizer quantizer({.codebook = kind, .num_codes = 9, .size = 4, .cosine = true});
    const Tensor z = torch::randn({2, 4, 5, 5});
    const Tensor code = step(quantizer, z);
    EXPECT_TRUE(quantizer.vectors().norm(2, 1).allclose(torch::ones({9}), 1e-5, 1e-5));
    EXPECT_TRUE(quantizer.forward(z).code.equal(quantizer.forward(z * 17).code));
    EXPECT_EQ(code.sizes(), torch::IntArrayRef({2, 5, 5}));
  }
}

TEST(Quantizer, WindowCountsCodesOfTraining) {
  Axes a;
  step(a.quantizer, a.z);  // codes 0, 0, 1
  EXPECT_EQ(number(a.quantizer.usage()), .5);
  EXPECT_NEAR(number(a.quantizer.perplexity()), std::exp(-2. / 3 * std::log(2. / 3) - 1. / 3 * std::log(1. / 3)), 1e-6);
}

TEST(Quantizer, PerplexityOfEvenUseIsTheNumberOfCodes) {
  EXPECT_NEAR(number(code_perplexity(torch::full({50}, 7))), 50, 1e-9);
  EXPECT_NEAR(number(code_perplexity(torch::tensor({0, 9, 0}))), 1, 1e-12);
  EXPECT_EQ(number(code_perplexity(torch::zeros({3}))), 0);
}

TEST(Quantizer, LookupRefusesWhatIsNoCode) {
  VectorQuantizer quantizer({.num_codes = 5, .size = 2});
  EXPECT_THROW(quantizer.lookup(torch::full({1, 2, 2}, 5, torch::kLong)), DataError);
  EXPECT_THROW(quantizer.lookup(torch::full({1, 2, 2}, -1, torch::kLong)), DataError);
  EXPECT_THROW(quantizer.lookup(torch::zeros({2, 2}, torch::kLong)), ShapeError);
  EXPECT_THROW(quantizer.forward(torch::zeros({1, 3, 2, 2})), ShapeError);
}

TEST(Rotation, HasTheValueOfTheCodeAndTurnsTheGradient) {
  torch::manual_seed(6);
  const auto options = torch::dtype(torch::kDouble);
  for (const int64_t d : {2, 5}) {
    const Tensor z = torch::randn({1, d}, options).requires_grad_(), q = torch::randn({1, d}, options);
    EXPECT_TRUE(rotated(z, q).equal(q));
    std::vector<Tensor> rows;  // of the Jacobian
    for (int64_t i = 0; i < d; ++i) rows.push_back(torch::autograd::grad({rotated(z, q)[0][i]}, {z})[0][0]);
    const Tensor turn = torch::stack(rows) * (z.norm() / q.norm()).detach();
    EXPECT_TRUE(turn.t().mm(turn).allclose(torch::eye(d, options), 1e-9, 1e-9));
    EXPECT_NEAR(number(torch::linalg_det(turn)), 1, 1e-9);
    EXPECT_TRUE(turn.mm(z.detach().t()).allclose(q.t() * (z.norm() / q.norm()).detach(), 1e-9, 1e-9));
  }
}

TEST(Rotation, PassesStraightThroughWhereNoRotationIsStable) {
  const Tensor q = torch::tensor({{-1.f, -2.f}, {3.f, 1.f}});
  const Tensor z = torch::tensor({{2.f, 4.f}, {0.f, 0.f}}).requires_grad_();  // opposite · nothing
  const Tensor weight = torch::tensor({{5.f, 6.f}, {7.f, 8.f}});
  (rotated(z, q) * weight).sum().backward();
  EXPECT_TRUE(z.grad().allclose(weight));
}

TEST(FiniteScalar, EveryCombinationIsACodeOfItsOwn) {
  FiniteScalarQuantizer quantizer({8, 5, 3});
  EXPECT_EQ(quantizer.num_codes(), 120);
  EXPECT_EQ(quantizer.size(), 3);
  const Tensor all = quantizer.vectors();
  EXPECT_EQ(std::get<0>(torch::unique_dim(all, 0)).size(0), 120);
  EXPECT_TRUE(all.narrow(0, 0, 8).select(1, 0).allclose(torch::arange(-4, 4) / 4.));
  EXPECT_TRUE(all.select(1, 1).abs().max().equal(torch::ones({})));
  // a z that lies where its level lies: level = tanh(z + s) half - offset
  const Tensor count = torch::tensor({8., 5., 3.}), half = (count - 1) * 1.001 / 2,
               offset = torch::tensor({.5, 0., 0.});
  const Tensor level = all * torch::tensor({4., 2., 1.});
  const Tensor z = torch::atanh((level + offset) / half) - torch::atanh(offset / half);
  const Quantized q = quantizer.forward(map_of(z));
  EXPECT_TRUE(q.code.flatten().equal(torch::arange(120)));
  EXPECT_TRUE(q.quantized.equal(quantizer.lookup(q.code)));
  EXPECT_TRUE(quantizer.forward(torch::zeros({1, 3, 1, 1})).quantized.equal(torch::zeros({1, 3, 1, 1})));
}

TEST(FiniteScalar, GradientIsThatOfTheBoundedNumber) {
  FiniteScalarQuantizer quantizer({5, 5});
  const Tensor z = torch::tensor({{.3f, -1.2f}, {4.f, 0.f}}).requires_grad_();
  quantizer.forward(map_of(z)).quantized.sum().backward();
  const Tensor half = torch::tensor(4 * 1.001 / 2);
  EXPECT_TRUE(z.grad().allclose((1 - torch::tanh(z.detach()).square()) * half / 2, 1e-5, 1e-6));
}

TEST(FiniteScalar, RefusesTooManyCombinations) {
  EXPECT_THROW(FiniteScalarQuantizer({}), ConfigError);
  EXPECT_THROW(FiniteScalarQuantizer({65536, 3}), ConfigError);
}

TEST(KMeans, FindsSeparateClustersAndTheirSizes) {
  torch::manual_seed(7);
  const Tensor centre = torch::tensor({{0.f, 0.f}, {10.f, 0.f}, {0.f, 10.f}});
  std::vector<Tensor> vectors;
  for (int64_t i = 0; i < 3; ++i) vectors.push_back(centre[i] + torch::rand({20 * (i + 1), 2}) * .1 - .05);
  const Clusters found = k_means(torch::cat(vectors), 3);
  const Tensor order = (found.centre.select(1, 0) + 2 * found.centre.select(1, 1)).argsort();
  EXPECT_TRUE(found.centre.index_select(0, order).allclose(centre, 0, .05));
  EXPECT_TRUE(found.size.index_select(0, order).equal(torch::tensor({20.f, 40.f, 60.f})));
}

TEST(KMeans, TakesFewerVectorsThanClusters) {
  const Clusters found = k_means(torch::tensor({{1.f, 2.f}, {3.f, 4.f}}), 5);
  EXPECT_EQ(found.centre.sizes(), torch::IntArrayRef({5, 2}));
  EXPECT_TRUE(found.centre.isfinite().all().item<bool>());
  EXPECT_EQ(number(found.size.sum()), 2);
}

}  // namespace
}  // namespace figment
