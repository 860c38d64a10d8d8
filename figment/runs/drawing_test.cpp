#include "figment/runs/drawing.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "figment/runs/test_parts.h"
#include "figment/tensor/tensors.h"
#include "tests/made_data.h"

namespace figment {
namespace {

using ::testing::HasSubstr;

const DataSpec kSpec{.x = PixelSpec{.channels = 1, .height = 4, .width = 2},
                     .condition = made_condition_spec({"labels"})};

/// An image whose grey is a level by its seed, and whose first pixel is its class; keeps what it is asked to keep.
struct Grey : IdleModel, Completes {
  ConditionSpec takes() const override { return {.labels = {kSpec.condition.labels[0]}}; }
  std::vector<std::string_view> options_used() const override { return {"temperature"}; }
  Tensor sample(const SampleRequest& request) override {
    Tensor x = torch::empty({int64_t(request.seeds.size()), 1, 4, 2});
    for (size_t i = 0; i < request.seeds.size(); ++i) x[int64_t(i)].fill_(signed_value(uint8_t(request.seeds[i])));
    x.select(3, 0).select(2, 3).copy_((request.condition.label().to(torch::kFloat) * 100 - 127.5f).unsqueeze(1) /
                                      127.5f);
    if (request.go_on) request.go_on(0.5);
    return x;
  }
  Tensor complete(const SampleRequest& request, const Tensor& x, int64_t rows) override {
    const Tensor drawn = sample(request);
    drawn.narrow(2, 0, rows).copy_(x.narrow(2, 0, rows));
    return drawn;
  }
};

class Drawing : public RunWithExamples {
 protected:
  LoadedRun grey() { return run_of(std::make_unique<Grey>(), kSpec, made_batch(kSpec, 5, 1)); }
  std::string sentence_of(const DrawRequest& request) {
    LoadedRun run = grey();
    try {
      draw_images(run, request);
    } catch (const Error& error) { return error.what(); }
    return "no error";
  }
  static int class_of(const Image& image) { return image.pixels[6] / 100; }
};

TEST_F(Drawing, ImageIHasItsOwnSeedAndTheClassesComeInTurn) {
  LoadedRun run = grey();
  const std::vector<Image> images = draw_images(run, {.count = 5, .seed = 20});
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(images[size_t(i)].pixels[0], 20 + i);
    EXPECT_EQ(class_of(images[size_t(i)]), i % 3);
  }
}

TEST_F(Drawing, ManyImagesAreThoseOfSmallerRequests) {
  LoadedRun run = grey();
  const std::vector<Image> all = draw_images(run, {.count = 252, .seed = 1}),
                           one = draw_images(run, {.count = 1, .seed = 252});
  EXPECT_EQ(all.size(), 252u);
  EXPECT_EQ(all[251].pixels[0], one[0].pixels[0]);
  EXPECT_EQ(class_of(all[251]), 251 % 3);
}

TEST_F(Drawing, AClassThatIsGivenHoldsForAll) {
  LoadedRun run = grey();
  for (const Image& image : draw_images(run, {.count = 4, .given = {{"class", "c"}}})) EXPECT_EQ(class_of(image), 2);
}

TEST_F(Drawing, ProgressNeverFallsAndEndsAtOne) {
  LoadedRun run = grey();
  std::vector<double> done;
  draw_images(run, {.count = 600, .go_on = [&](double share) { return done.push_back(share), true; }});
  EXPECT_TRUE(std::ranges::is_sorted(done));
  EXPECT_EQ(done.back(), 1);
}

TEST_F(Drawing, WhatCannotBeDoneIsASentence) {
  EXPECT_THAT(sentence_of({.count = 0}), HasSubstr("sample: the count must be at least 1, got 0"));
  EXPECT_THAT(sentence_of({.options = {.top_k = 3}}),
              HasSubstr("sample: part does not use top_k; it uses temperature"));
  EXPECT_THAT(sentence_of({.given = {{"image", "x.png"}}}), HasSubstr("sample: part takes no image; it takes class"));
  EXPECT_EQ(sentence_of({.go_on = [](double) { return false; }}), "cancelled");
}

TEST_F(Drawing, CompletionsKeepTheUpperRowsAndTheClassOfTheirExample) {
  LoadedRun run = grey();
  const Batch examples = load_examples(run.folder, run.spec);
  const auto rows = complete_images(run, {.count = 2, .draws = 3, .seed = 7});
  ASSERT_EQ(rows.size(), 2u);
  for (int64_t i = 0; i < 2; ++i) {
    const std::vector<Image>& row = rows[size_t(i)];
    ASSERT_EQ(row.size(), 5u) << "the image, its kept part, three completions";
    for (size_t j = 2; j < 5; ++j) {
      EXPECT_TRUE(std::equal(row[j].pixels.begin(), row[j].pixels.begin() + 4, row[0].pixels.begin()));
      EXPECT_EQ(row[j].pixels[5], 7 + i * 3 + int64_t(j) - 2) << "draw j of image i has its own seed";
      EXPECT_EQ(class_of(row[j]), examples.condition.label()[i].item<int64_t>());
    }
  }
}

TEST_F(Drawing, OfAPictureOfOnesOwnTheClassesComeInTurnFromDrawToDraw) {
  LoadedRun run = grey();
  const Image white{.width = 2, .height = 4, .channels = 1, .pixels = std::vector<uint8_t>(8, 255)};
  const auto row = complete_images(run, {.images = {white}, .draws = 3}).at(0);
  for (size_t j = 2; j < 5; ++j) EXPECT_EQ(class_of(row[j]), int(j) - 2);
}

TEST_F(Drawing, ARunThatDrawsNothingSaysSo) {
  LoadedRun run = run_of(std::make_unique<IdleModel>(), kSpec, made_batch(kSpec, 5, 1));
  EXPECT_THROW(draw_images(run, {}), RunError);
  EXPECT_THROW(complete_images(run, {}), RunError);
}

}  // namespace
}  // namespace figment
