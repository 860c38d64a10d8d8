#include "figment/pages/comparison.h"

#include <gmock/gmock.h>

namespace figment {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// A run whose images have these shares of what real images have.
Compared run_of(std::string name, double sharpness, double nearest, double distance, double spread = 0) {
  const auto metric = [](std::string of, double value, std::optional<double> error = {}) {
    return Metric{.name = std::move(of),
                  .unit = "features of 0001-classifier",
                  .split = "test",
                  .value = value,
                  .spread = error,
                  .n = 10000};
  };
  return {.name = std::move(name),
          .evaluation = {.metrics = {metric("frechet_distance", distance, spread), metric("precision", 0.5),
                                     metric("recall", 0.25), metric("sharpness", 3 * sharpness),
                                     metric("sharpness_real", 3), metric("nearest_training_distance", 7 * nearest),
                                     metric("nearest_training_distance_real", 7)}},
          .samples = {.width = 1, .height = 1, .channels = 1, .pixels = {0}}};
}

std::string all_words(const std::vector<Compared>& runs) {
  std::string all;
  for (const std::string& sentence : findings(runs)) all += sentence + "\n";
  return all;
}

}  // namespace

TEST(Comparison, SaysWhatTheFiguresSay) {
  EXPECT_THAT(
      findings({run_of("vae", 0.4, 0.8, 30), run_of("gan", 1.02, 1.3, 10)}),
      ElementsAre(
          "vae draws images with 40 % of the sharpness of real ones: they are blurred. They lie closer to "
          "training images than unseen real ones do (80 % of the distance): the model prefers typical images. "
          "Precision: 50 % of its samples lie among real images. Recall: 25 % of real images lie among its samples.",
          "gan draws images as sharp as real ones (102 %). They lie farther from training images than unseen "
          "real ones do (130 % of the distance): part of them is unlike the data. Precision: 50 % of its "
          "samples lie among real images. Recall: 25 % of real images lie among its samples.",
          "So vae is the more blurred one and closer to the data by the distance to the nearest training image, gan "
          "the sharper one and less like it.",
          "By Fréchet distance gan is nearest to real images: 10, against 30 for vae."));
}

TEST(Comparison, SaysNoMoreThanTheFigures) {
  const std::string same = all_words({run_of("a", 1, 1, 12, 1), run_of("b", 1.05, 0.95, 11, 1)});
  EXPECT_THAT(
      same,
      HasSubstr(
          "By Fréchet distance b and a are equally near to real images, within the error of both: 11, 12 for a."));
  EXPECT_THAT(same, Not(HasSubstr("blurred")));
  EXPECT_THAT(same, HasSubstr("They lie as far from training images as unseen real ones do (100 %)"));
  EXPECT_THAT(all_words({run_of("a", 1.5, 0.1, 12), run_of("b", 1, 1, 11)}),
              testing::AllOf(HasSubstr("many are copies"), HasSubstr("grain or false edges")));
  EXPECT_TRUE(findings({{.name = "a"}, {.name = "b"}}).empty());
}

TEST(Comparison, ABlurredOneNeedNotBeCloser) {
  EXPECT_THAT(all_words({run_of("gan", 1, 1.15, 10), run_of("vae", 0.25, 1.4, 30)}),
              HasSubstr("So vae is the more blurred one and farther from the data by the distance to the nearest "
                        "training image, gan the sharper one and nearer to it."));
}

TEST(Comparison, OnlyOneOfThemHasALikelihood) {
  std::vector<Compared> runs{run_of("vae", 1, 1, 30), run_of("gan", 1, 1, 10)};
  runs[0].evaluation.metrics.push_back({.name = "elbo_nats"});
  EXPECT_THAT(all_words(runs), HasSubstr("Only vae can say how probable a given image is; gan cannot."));
  runs[1].evaluation.metrics.push_back({.name = "bits_per_dim"});
  EXPECT_THAT(all_words(runs), Not(HasSubstr("how probable")));
}

TEST(Comparison, APageStandsWhateverIsMissing) {
  std::vector<Compared> runs{run_of("a<b", 1, 1, 30), {.name = "empty", .samples = run_of("", 1, 1, 1).samples}};
  runs[0].evaluation.left_out = {"frechet_distance: no classifier", "bound: needs a likelihood"};
  runs[1].evaluation.left_out = {"frechet_distance: no classifier"};
  runs[1].evaluation.warnings = {"codebook collapse"};
  const std::string page = comparison_page(runs);
  EXPECT_THAT(page, HasSubstr("a&lt;b"));
  EXPECT_THAT(page, HasSubstr("<li>frechet_distance: no classifier</li>\n<li>empty: codebook collapse</li>"));
  EXPECT_THAT(page, Not(HasSubstr("needs a likelihood"))) << "only the other has one";
  EXPECT_THAT(page, HasSubstr("<td>–</td>"));
  runs.erase(runs.begin());
  EXPECT_THAT(comparison_page(runs), Not(HasSubstr("<table><thead><tr><th scope=\"col\">Figure")));
  EXPECT_TRUE(to_json(runs)["runs"][0]["cost"]["minutes"].is_null());
}

}  // namespace figment
