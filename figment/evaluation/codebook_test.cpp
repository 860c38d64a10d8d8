#include "figment/evaluation/codebook.h"

#include <gmock/gmock.h>

#include <cmath>

#include "figment/evaluation/test_subject.h"

namespace figment {
namespace {

/// Whose codes are its pixels: one grid of 8 codes, or two.
class Transcriber final : public testing::Untrained, public EncodesDiscrete {
 public:
  explicit Transcriber(std::vector<CodeSpec> grids) : grids_(std::move(grids)) {}
  std::vector<CodeSpec> grids() const override { return grids_; }
  std::vector<Tensor> encode_codes(const Tensor& x) override {
    std::vector<Tensor> codes;
    for (const CodeSpec& grid : grids_)
      codes.push_back(x.select(1, 0).narrow(1, 0, grid.height).narrow(2, 0, grid.width).to(torch::kLong));
    return codes;
  }
  Tensor decode_codes(const std::vector<Tensor>& codes) override { return codes.back().unsqueeze(1); }
  Tensor paint_codes(const std::vector<Tensor>& codes) override { return decode_codes(codes).expand({-1, 3, -1, -1}); }

 private:
  std::vector<CodeSpec> grids_;
};

Evaluation measured(Transcriber& model, const std::vector<Tensor>& images) {
  std::vector<Batch> batches;
  for (const Tensor& x : images) batches.push_back({.x = x});
  Evaluation evaluation;
  measure_codebook(testing::subject_of(model, batches), evaluation);
  return evaluation;
}

/// Code 0 three times, code 5 once: each batch alone shows one code.
TEST(Codebook, CountsOverAllImagesNotPerBatch) {
  Transcriber model({{.num_codes = 8, .height = 1, .width = 1}});
  const Evaluation e = measured(model, {torch::zeros({3, 1, 1, 1}), torch::full({1, 1, 1, 1}, 5.)});
  ASSERT_EQ(e.metrics.size(), 2u);
  EXPECT_EQ(e.metrics[0].name, "codebook_usage");
  EXPECT_DOUBLE_EQ(e.metrics[0].value, 2. / 8);
  EXPECT_EQ(e.metrics[1].name, "codebook_perplexity");
  EXPECT_NEAR(e.metrics[1].value, std::exp(-.75 * std::log(.75) - .25 * std::log(.25)), 1e-12);
  EXPECT_EQ(e.metrics[1].n, 4);
  EXPECT_THAT(e.series.at(0).values, ::testing::ElementsAre(.75, 0, 0, 0, 0, .25, 0, 0));
}

TEST(Codebook, NamesDeadCodes) {
  Transcriber model({{.num_codes = 4, .height = 1, .width = 2}});
  const Evaluation e = measured(model, {torch::tensor({0., 2.}).view({1, 1, 1, 2}).repeat({6, 1, 1, 1})});
  EXPECT_THAT(e.warnings, ::testing::ElementsAre(
                              ::testing::AllOf(::testing::HasSubstr("2 of 4 are chosen by none of the 6 images: 1, 3"),
                                               ::testing::HasSubstr("revive dead codes sooner"))));
  Transcriber full({{.num_codes = 2, .height = 1, .width = 2}});
  EXPECT_TRUE(measured(full, {torch::tensor({0., 1.}).view({1, 1, 1, 2})}).warnings.empty());
}

TEST(Codebook, SeveralGridsHaveFiguresOfTheirOwn) {
  Transcriber model({{.num_codes = 4, .height = 1, .width = 1}, {.num_codes = 4, .height = 2, .width = 1}});
  const Evaluation e = measured(model, {torch::tensor({0., 1.}).view({1, 1, 2, 1})});
  std::map<std::string, double> values;
  for (const Metric& m : e.metrics) values[m.name] = m.value;
  EXPECT_DOUBLE_EQ(values.at("codebook_usage_1x1"), .25);
  EXPECT_DOUBLE_EQ(values.at("codebook_usage_2x1"), .5);
}

}  // namespace
}  // namespace figment
