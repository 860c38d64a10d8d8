#include "figment/pages/comparison.h"

#include <gmock/gmock.h>

#include "figment/pages/report_words.h"

namespace figment {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// A run that is finished, whose images have these shares of what real images have. The floor is 2.
Compared run_of(std::string name, double sharpness, double nearest, double distance, double spread = 0) {
  const auto metric = [](std::string of, double value, std::optional<double> error = {}) {
    return Metric{.name = std::move(of),
                  .unit = "features of 0001-classifier",
                  .split = "test",
                  .value = value,
                  .spread = error,
                  .n = 10000};
  };
  return {
      .name = std::move(name),
      .record = {.events = {{.kind = Event::Kind::kFinished, .images = 1000, .value = 60}}},
      .evaluation = {.metrics = {metric("frechet_distance", distance, spread), metric("frechet_distance_floor", 2),
                                 metric("frechet_distance_times_floor", distance / 2, spread / 2),
                                 metric("precision", 0.5), metric("recall", 0.25), metric("sharpness", 3 * sharpness),
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
          "Fréchet distance. By the first feature extractor, gan is nearest to real images: 5 times the floor, against "
          "15 for vae."));
}

TEST(Comparison, OfOtherFloorsTheDistancesDecide) {
  std::vector<Compared> runs{run_of("a", 1, 1, 40), run_of("b", 1, 1, 30)};
  runs[0].evaluation.metrics[1].value = 20, runs[0].evaluation.metrics[2].value = 2;
  runs[1].evaluation.metrics[1].value = 5, runs[1].evaluation.metrics[2].value = 6;
  EXPECT_THAT(all_words(runs), HasSubstr("By the first feature extractor, b is nearest to real images: 30, against 40 "
                                         "for a."));
}

TEST(Comparison, SaysNoMoreThanTheFigures) {
  const std::string same = all_words({run_of("a", 1, 1, 12, 1), run_of("b", 1.05, 0.95, 11, 1)});
  EXPECT_THAT(same, HasSubstr("By the first feature extractor, b and a are equally near to real images, within the "
                              "error of both: 5.5 times "
                              "the floor, 6 for a."));
  EXPECT_THAT(same, Not(HasSubstr("blurred")));
  EXPECT_THAT(same, HasSubstr("They lie as far from training images as unseen real ones do (100 %)"));
  EXPECT_THAT(all_words({run_of("a", 1.5, 0.1, 12), run_of("b", 1, 1, 11)}),
              AllOf(HasSubstr("many are copies"), HasSubstr("grain or false edges")));
  const RunRecord finished = run_of("", 1, 1, 1).record;
  EXPECT_TRUE(findings({{.name = "a", .record = finished}, {.name = "b", .record = finished}}).empty());
}

namespace {

Compared with(Compared run, const std::string& name, const std::string& unit, double value) {
  run.evaluation.metrics.push_back({.name = name, .unit = unit, .split = "test", .value = value, .n = 10000});
  return run;
}

/// The cells of each row of the table of figures that begins with this title.
std::vector<std::string> rows_of(const std::string& page, const std::string& title) {
  std::vector<std::string> rows;
  const std::string begin = "<tr><td>" + title + "</td>";
  for (size_t at = page.find(begin); at != page.npos; at = page.find(begin, at + 1))
    rows.push_back(page.substr(at, page.find("</tr>", at) - at));
  return rows;
}

}  // namespace

TEST(Comparison, EachExtractorSaysWhoIsNearestAndWhetherAllAgree) {
  const Compared vae = with(run_of("vae", 1, 1, 30), "frechet_distance_times_floor_pixels", "", 4),
                 gan = with(run_of("gan", 1, 1, 10), "frechet_distance_times_floor_pixels", "", 8);
  EXPECT_THAT(
      all_words({vae, gan}),
      HasSubstr("By the first feature extractor, gan is nearest to real images: 5 times the floor, against 15 for "
                "vae. By pixels in principal components, vae is nearest to real images: 4 times the floor, "
                "against 8 for gan. The extractors do not agree, so no run is said to be nearer."));
  EXPECT_THAT(all_words({vae, with(run_of("gan", 1, 1, 10), "frechet_distance_times_floor_pixels", "", 2)}),
              Not(HasSubstr("do not agree")));
}

/// The runs share their floor: an error of it moves both.
TEST(Comparison, AnUncertainFloorDoesNotMakeRunsEquallyNear) {
  std::vector<Compared> runs{run_of("vae", 1, 1, 30, 1), run_of("gan", 1, 1, 10, 1)};
  for (Compared& run : runs) run.evaluation.metrics[2].spread = run.evaluation.metrics[2].value;
  EXPECT_THAT(all_words(runs), HasSubstr("gan is nearest to real images: 5 times the floor, against 15 for vae."));
}

TEST(Comparison, MultiplesOfTheFloorLeadTheTableAndTheFloorIsAReference) {
  const std::string page = comparison_page({run_of("vae", 1, 1, 30), run_of("gan", 1, 1, 10)});
  EXPECT_LT(page.find("<td>Fréchet distance in multiples of the floor</td>"), page.find("<td>Fréchet distance</td>"));
  EXPECT_THAT(page, Not(HasSubstr("<td>Fréchet distance of training images</td>")));
  EXPECT_THAT(rows_of(page, "Fréchet distance"), ElementsAre(HasSubstr("<td>training images 2</td>")));
}

TEST(Comparison, LikelihoodsOfOtherLevelsHaveRowsOfTheirOwn) {
  const std::string page = comparison_page({with(run_of("a", 1, 1, 1), "bits_per_dim", "bits, 2 levels", 0.7),
                                            with(run_of("b", 1, 1, 1), "bits_per_dim", "bits, 256 levels", 5.09)});
  EXPECT_THAT(rows_of(page, "Bits per dimension"),
              ElementsAre(HasSubstr("<td>0.7</td><td>–</td><td></td><td>bits, 2 levels</td>"),
                          HasSubstr("<td>–</td><td>5.09</td><td></td><td>bits, 256 levels</td>")));
  const std::string alike = comparison_page({with(run_of("a", 1, 1, 1), "bits_per_dim", "bits, 256 levels", 4.5),
                                             with(run_of("b", 1, 1, 1), "bits_per_dim", "bits, 256 levels", 5.09)});
  EXPECT_THAT(rows_of(alike, "Bits per dimension"), ElementsAre(HasSubstr("<td>4.5</td><td>5.09</td>")));
}

TEST(Comparison, LikelihoodsOfImagesOfOtherSidesHaveRowsOfTheirOwn) {
  std::vector<Compared> runs{with(run_of("a", 1, 1, 1), "elbo_nats", "nats, 2 levels", 99),
                             with(run_of("b", 1, 1, 1), "elbo_nats", "nats, 2 levels", 450)};
  runs[0].sides = "28 x 28";
  runs[1].sides = "64 x 64";
  const std::string page = comparison_page(runs), title = words_of("elbo_nats").title;
  EXPECT_THAT(rows_of(page, title),
              ElementsAre(HasSubstr("<td>99</td><td>–</td><td></td><td>nats, 2 levels, images of 28 x 28</td>"),
                          HasSubstr("<td>–</td><td>450</td><td></td><td>nats, 2 levels, images of 64 x 64</td>")));
  EXPECT_EQ(rows_of(page, "Fréchet distance").size(), 1u) << "of features, which do not depend on it";
  runs[1].sides = "28 x 28";
  EXPECT_THAT(rows_of(comparison_page(runs), title),
              ElementsAre(HasSubstr("<td>99</td><td>450</td><td></td><td>nats, 2 levels</td>")));
}

TEST(Comparison, ThePageSaysWhichCheckpointsWereMeasured) {
  std::vector<Compared> runs{run_of("vae", 1, 1, 30), run_of("gan", 1, 1, 10)};
  runs[0].evaluation.images = 2000, runs[1].evaluation.images = 600000;
  EXPECT_THAT(comparison_page(runs), HasSubstr("Measured: the checkpoint of vae after 2,000 images and the checkpoint "
                                               "of gan after 600,000 images."));
}

TEST(Comparison, SaysWhatMakesFiguresDoubtful) {
  std::vector<Compared> runs{run_of("a", 1, 1, 12), run_of("b", 1, 1, 12)};
  EXPECT_THAT(all_words(runs), AllOf(Not(HasSubstr("not finished")), Not(HasSubstr("was trained on"))));
  runs[0].record.events = {{.kind = Event::Kind::kScalar, .images = 1200, .name = "train/loss", .value = 1}};
  runs[0].record.recipe = Table::parse("[training]\nimages = 3000\n", "recipe.toml");
  runs[1].evaluation.of_training = true;
  const auto words = findings(runs);
  EXPECT_EQ(words[0], "a is not finished: it has seen 1,200 images of 3,000, and its figures will change.");
  EXPECT_EQ(words[1],
            "b was trained on the images that it is measured on: its figures do not say how good it is on others.");
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

TEST(Comparison, AnErrorHasTwoDigitsThatPeopleCanRead) {
  for (const auto& [error, words] : {std::pair(414.0, "± 410<"),
                                     {1234.5, "± 1,200<"},
                                     {16.2, "± 16<"},
                                     {99.6, "± 100<"},
                                     {4.57, "± 4.6<"},
                                     {0.00140, "± 0.0014<"}}) {
    std::vector<Compared> runs{run_of("vae", 1, 1, 30), run_of("gan", 1, 1, 10)};
    runs[0].evaluation.metrics.push_back({.name = "elbo_nats", .value = 220, .spread = error});
    EXPECT_THAT(comparison_page(runs), HasSubstr(words));
  }
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
