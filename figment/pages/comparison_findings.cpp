#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "figment/base/text.h"
#include "figment/pages/comparison.h"

namespace figment {
namespace {

constexpr double kAlike = 0.1;    // relative difference that is called none
constexpr double kCopies = 0.25;  // of the distance that unseen real images have to training images

/// `name` over `name`_real, what real images have; nothing where either is missing.
std::optional<double> share_of_real(const Compared& run, const std::string& name) {
  const Metric *own = metric_of(run, name), *real = metric_of(run, name + "_real");
  if (!own || !real || real->value <= 0) return std::nullopt;
  return own->value / real->value;
}

std::string percent(double share) { return fmt::format("{:.0f} %", 100 * share); }

std::string sharpness_words(double share) {
  if (share < 1 - kAlike)
    return fmt::format("draws images with {} of the sharpness of real ones: they are blurred", percent(share));
  if (share > 1 + kAlike)
    return fmt::format("draws images with {} of the sharpness of real ones: they have grain or false edges",
                       percent(share));
  return fmt::format("draws images as sharp as real ones ({})", percent(share));
}

std::string nearness_words(double share) {
  if (share < kCopies)
    return fmt::format("They lie at {} of the distance to training images that unseen real ones have: many are copies",
                       percent(share));
  if (share < 1 - kAlike)
    return fmt::format(
        "They lie closer to training images than unseen real ones do ({} of the distance): the model prefers typical "
        "images",
        percent(share));
  if (share > 1 + kAlike)
    return fmt::format(
        "They lie farther from training images than unseen real ones do ({} of the distance): part of "
        "them is unlike the data",
        percent(share));
  return fmt::format("They lie as far from training images as unseen real ones do ({})", percent(share));
}

std::string variety_words(const Compared& run) {
  const Metric *precision = metric_of(run, "precision"), *recall = metric_of(run, "recall");
  if (!precision || !recall) return "";
  return fmt::format(
      " Precision: {} of its samples lie among real images. Recall: {} of real images lie among its samples.",
      percent(precision->value), percent(recall->value));
}

/// Who has the smallest distance by one extractor, and whether the next is as near, within the error of both. In
/// multiples of the floor, or as it is where there is no floor.
struct Nearest {
  const Compared* run = nullptr;  ///< null where fewer than two runs were measured
  bool shared = false;
  std::string sentence = {};
};
Nearest nearest_by(const std::vector<Compared>& runs, const PanelWords& extractor) {
  const auto measured_by = [&](std::string_view figure) {
    std::vector<std::pair<const Metric*, const Compared*>> measured;
    for (const Compared& run : runs)
      if (const Metric* metric = metric_of(run, fmt::format("{}{}", figure, extractor.suffix)))
        measured.emplace_back(metric, &run);
    std::ranges::sort(measured, {}, [](const auto& one) { return one.first->value; });
    return measured;
  };
  auto measured = measured_by(kTimesFloor);
  // Runs that learned from other images have other floors: then the distances alone compare.
  const auto floor_of = [&](const auto& one) {
    const Metric* of = metric_of(*one.second, fmt::format("{}{}", kFloor, extractor.suffix));
    return of ? of->value : 0;
  };
  const bool floor = measured.size() == runs.size() && std::ranges::all_of(measured, [&](const auto& one) {
                       return floor_of(one) == floor_of(measured.front());
                     });
  if (!floor) measured = measured_by("frechet_distance");
  if (measured.size() < 2) return {};
  const auto& [first, nearest] = measured[0];
  // Where the floor counts it is the same for all runs, so its error moves them together: the distances decide who is
  // nearer.
  const auto distance = [&](size_t i) -> const Metric& {
    const Metric* own = metric_of(*measured[i].second, fmt::format("frechet_distance{}", extractor.suffix));
    return own ? *own : *measured[i].first;
  };
  std::vector<std::string> others;
  for (size_t i = 1; i < measured.size(); ++i)
    others.push_back(fmt::format("{} for {}", readable(measured[i].first->value), measured[i].second->name));
  const bool shared = distance(1).value - distance(0).value <=
                      2 * std::hypot(distance(0).spread.value_or(0), distance(1).spread.value_or(0));
  const std::string values = readable(first->value) + (floor ? " times the floor" : "");
  return {.run = nearest,
          .shared = shared,
          .sentence = shared
                          ? fmt::format("By {}, {} and {} are equally near to real images, within the error of both: "
                                        "{}, {}.",
                                        extractor.by, nearest->name, measured[1].second->name, values, listed(others))
                          : fmt::format("By {}, {} is nearest to real images: {}, against {}.", extractor.by,
                                        nearest->name, values, listed(others))};
}

/// A sentence for each extractor of the panel, and whether they agree.
std::string nearest_words(const std::vector<Compared>& runs) {
  std::vector<std::string> sentences;
  std::vector<Nearest> found;
  for (const PanelWords& extractor : kPanel)
    if (Nearest nearest = nearest_by(runs, extractor); nearest.run) {
      sentences.push_back(nearest.sentence);
      if (!nearest.shared) found.push_back(std::move(nearest));
    }
  if (std::ranges::any_of(found, [&](const Nearest& nearest) { return nearest.run != found.front().run; }))
    sentences.emplace_back("The extractors do not agree, so no run is said to be nearer.");
  return sentences.empty() ? "" : fmt::format("Fréchet distance. {}", fmt::join(sentences, " "));
}

/// What is to be known before the figures of a run are believed.
std::vector<std::string> caveats(const Compared& run) {
  std::vector<std::string> sentences;
  if (!finish_of(run.record)) {
    const auto of = planned_images(run.record);
    sentences.push_back(fmt::format("{} is not finished: it has seen {}{}, and its figures will change.", run.name,
                                    counted(images_seen(run.record), "image"),
                                    of ? fmt::format(" of {}", with_commas(*of)) : ""));
  }
  if (run.evaluation.of_training)
    sentences.push_back(fmt::format(
        "{} was trained on the images that it is measured on: its figures do not say how good it is on others.",
        run.name));
  return sentences;
}

/// Of two: one blurred and close, the other sharp and far; or the blurred one is far as well.
std::string opposites_words(const std::vector<Compared>& runs) {
  for (const Compared& a : runs)
    for (const Compared& b : runs) {
      const auto sharp_a = share_of_real(a, "sharpness"), sharp_b = share_of_real(b, "sharpness"),
                 near_a = share_of_real(a, "nearest_training_distance"),
                 near_b = share_of_real(b, "nearest_training_distance");
      if (!sharp_a || !sharp_b || !near_a || !near_b) continue;
      if (*sharp_a < *sharp_b * (1 - kAlike) && *near_a < *near_b * (1 - kAlike))
        return fmt::format(
            "So {0} is the more blurred one and closer to the data by the distance to the nearest training image, {1} "
            "the sharper one and less like it.",
            a.name, b.name);
      if (*sharp_a < *sharp_b * (1 - kAlike) && *near_a > *near_b * (1 + kAlike))
        return fmt::format(
            "So {0} is the more blurred one and farther from the data by the distance to the nearest training image, "
            "{1} the sharper one and nearer to it.",
            a.name, b.name);
    }
  return "";
}

bool has_likelihood(const Compared& run) {
  return std::ranges::any_of(run.evaluation.metrics, [](const Metric& m) {
    return m.name.ends_with("_nats") || m.name.starts_with("bits_per_");
  });
}

std::string likelihood_words(const std::vector<Compared>& runs) {
  std::vector<std::string> with, without;
  for (const Compared& run : runs) (has_likelihood(run) ? with : without).push_back(run.name);
  if (with.empty() || without.empty()) return "";
  return fmt::format("Only {} can say how probable a given image is; {} cannot.", listed(with), listed(without));
}

}  // namespace

std::vector<std::string> findings(const std::vector<Compared>& runs) {
  std::vector<std::string> sentences;
  for (const Compared& run : runs)
    for (std::string& sentence : caveats(run)) sentences.push_back(std::move(sentence));
  for (const Compared& run : runs) {
    const auto sharp = share_of_real(run, "sharpness"), near = share_of_real(run, "nearest_training_distance");
    if (sharp && near)
      sentences.push_back(
          fmt::format("{} {}. {}.{}", run.name, sharpness_words(*sharp), nearness_words(*near), variety_words(run)));
  }
  for (std::string sentence : {opposites_words(runs), nearest_words(runs), likelihood_words(runs)})
    if (!sentence.empty()) sentences.push_back(std::move(sentence));
  return sentences;
}

}  // namespace figment
