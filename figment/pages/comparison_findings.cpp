#include <fmt/format.h>

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

/// "0003-gan" is nearest …: the smallest Fréchet distance, unless the next lies within both spreads.
std::string nearest_words(const std::vector<Compared>& runs) {
  std::vector<const Compared*> measured;
  for (const Compared& run : runs)
    if (metric_of(run, "frechet_distance")) measured.push_back(&run);
  if (measured.size() < 2) return "";
  const auto distance = [](const Compared* run) { return metric_of(*run, "frechet_distance"); };
  std::ranges::sort(measured, {}, [&](const Compared* run) { return distance(run)->value; });
  const Metric &first = *distance(measured[0]), &second = *distance(measured[1]);
  std::vector<std::string> others;
  for (size_t i = 1; i < measured.size(); ++i)
    others.push_back(fmt::format("{} for {}", readable(distance(measured[i])->value), measured[i]->name));
  if (second.value - first.value <= 2 * std::hypot(first.spread.value_or(0), second.spread.value_or(0)))
    return fmt::format(
        "By Fréchet distance {} and {} are equally near to real images, within the error of both: {}, {}.",
        measured[0]->name, measured[1]->name, readable(first.value), listed(others));
  return fmt::format("By Fréchet distance {} is nearest to real images: {}, against {}.", measured[0]->name,
                     readable(first.value), listed(others));
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
