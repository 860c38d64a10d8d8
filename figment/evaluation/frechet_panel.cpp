#include "figment/evaluation/frechet_panel.h"

#include <fmt/format.h>

#include <cmath>

#include "figment/base/text.h"
#include "figment/evaluation/feature_distances.h"

namespace figment {
namespace {

constexpr int64_t kComponents = 64;
constexpr double kNothing = 1e-6;  // share of a distance that is rounding

/// The sets as one extractor sees them.
struct View {
  std::string_view suffix;
  std::string features;  ///< "features of classifier, weights 1a2b3c4d"
  Tensor real, drawn;
  std::vector<Tensor> floors = {};  ///< of training images
};

struct Estimate {
  double value = 0, error = 0;
};

/// The mean distance of sets of training images and its error: over the sets, of a single one over resampled images.
Estimate floor_of(const View& view, int64_t seed) {
  std::vector<double> distances;
  for (const Tensor& floor : view.floors) distances.push_back(frechet_distance(view.real, floor));
  if (distances.size() == 1) return {distances[0], frechet_spread(view.real, view.floors[0], seed)};
  const Tensor all = torch::tensor(distances, torch::kFloat64);
  return {all.mean().item<double>(), all.std().item<double>() / std::sqrt(double(distances.size()))};
}

void measure(const Subject& subject, const View& view, Evaluation& evaluation) {
  const auto named = [&](std::string_view name) { return fmt::format("{}{}", name, view.suffix); };
  if (const int64_t features = view.real.size(1); subject.n <= features)
    return evaluation.left_out.push_back(fmt::format("{}: a covariance of {} {} needs more images than that, got {}",
                                                     named("frechet_distance"), features, view.features, subject.n));
  const auto add = [&](std::string_view name, const std::string& unit, double value, double spread) {
    evaluation.metrics.push_back(subject.figure(named(name), unit, value, spread));
  };
  const double distance = frechet_distance(view.real, view.drawn),
               spread = frechet_spread(view.real, view.drawn, subject.seed);
  add("frechet_distance", view.features, distance, spread);
  if (view.floors.empty()) return;
  const auto [floor, floor_spread] = floor_of(view, subject.seed);
  add("frechet_distance_floor", view.features, floor, floor_spread);
  if (floor <= kNothing * distance)
    return evaluation.left_out.push_back(
        fmt::format("{}: training images are at no distance from the images that are measured, so they are the same; "
                    "measure on images that training never saw",
                    named("frechet_distance_times_floor")));
  const double times = distance / floor;
  add("frechet_distance_times_floor", "times the floor, " + view.features, times,
      std::hypot(spread / floor, times * floor_spread / floor));
}

}  // namespace

Tensor features_of(const FeatureExtractor& extractor, const Tensor& images) {
  return extractor.network->embed(images).to(torch::kFloat).cpu();
}

void PanelFeatures::add(const Tensor& images, const Tensor& first) {
  first_.push_back(first);
  if (subject_.second) second_.push_back(features_of(*subject_.second, images));
  pixels_.push_back(pixel_rows(images));
}

void measure_frechet(const Subject& subject, const PanelFeatures& real, const PanelFeatures& drawn,
                     const std::vector<PanelFeatures>& floors, const PrincipalComponents& of_training,
                     Evaluation& evaluation) {
  const auto view = [&](std::string_view suffix, std::string features, const auto& seen) {
    View sets{.suffix = suffix, .features = std::move(features), .real = seen(real), .drawn = seen(drawn)};
    for (const PanelFeatures& floor : floors) sets.floors.push_back(seen(floor));
    measure(subject, sets, evaluation);
  };
  const auto of = [](const FeatureExtractor& extractor) { return "features of " + extractor.name; };
  view("", of(*subject.features), [](const PanelFeatures& set) { return set.first(); });
  if (subject.second)
    view("_second", of(*subject.second), [](const PanelFeatures& set) { return set.second(); });
  else
    evaluation.left_out.push_back(subject.without_second);
  const Tensor directions = of_training.directions(kComponents);
  view("_pixels", fmt::format("principal components of pixels, {}", directions.size(1)),
       [&](const PanelFeatures& set) { return set.pixels().to(torch::kFloat64).mm(directions); });
  if (subject.of_training)
    evaluation.left_out.push_back(
        "frechet_distance_floor: the images that are measured are among the training images, and would be compared "
        "with "
        "themselves; measure the test split");
  else if (floors.empty())
    evaluation.left_out.push_back(
        fmt::format("frechet_distance_floor: needs {}, as many as are measured, and there are fewer; measure fewer "
                    "with -n",
                    counted(subject.n, "training image")));
}

}  // namespace figment
