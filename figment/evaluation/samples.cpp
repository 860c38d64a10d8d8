#include "figment/evaluation/samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "figment/base/text.h"
#include "figment/contracts/dataset.h"
#include "figment/evaluation/feature_distances.h"
#include "figment/evaluation/sharpness.h"
#include "figment/evaluation/training_images.h"
#include "figment/tensor/tensors.h"

namespace figment {
namespace {

constexpr double kBlur = 0.5;              // pixels
constexpr int64_t kEnoughPerFeature = 20;  // images, so that a covariance is not mostly noise
constexpr int64_t kBins = 40, kShown = 32, kResamples = 100;

/// A set of images, as far as figures need it. It grows batch by batch.
class Gathered {
 public:
  explicit Gathered(const Subject& subject)
      : features_(*subject.features),
        classifier_(dynamic_cast<Classifies*>(features_.network.get())),
        panel_(subject) {}
  void add(const Tensor& images) {
    panel_.add(images, features_of(features_, images));
    if (classifier_) logits_.push_back(classifier_->logits(images).to(torch::kFloat).cpu());
    sharpnesses_.push_back(figment::sharpness(images).cpu());
  }
  bool classified() const { return classifier_ != nullptr; }
  const PanelFeatures& panel() const { return panel_; }
  Tensor logits() const { return torch::cat(logits_); }                              ///< [N,K]
  Tensor sharpness() const { return torch::cat(sharpnesses_).to(torch::kFloat64); }  ///< [N]

 private:
  const FeatureExtractor& features_;
  Classifies* classifier_;
  PanelFeatures panel_;
  std::vector<Tensor> logits_, sharpnesses_;
};

class Figures {
 public:
  Figures(const Subject& subject, Evaluation& evaluation) : subject_(subject), evaluation_(evaluation) {}
  void add(std::string name, double value, std::optional<double> spread, std::string unit = {}) {
    evaluation_.metrics.push_back(subject_.figure(
        std::move(name), unit.empty() ? "features of " + subject_.features->name : std::move(unit), value, spread));
  }
  void add(std::string name, const Score& score) { add(std::move(name), score.mean, score.deviation); }

 private:
  const Subject& subject_;
  Evaluation& evaluation_;
};

/// Whole rows, or all where they make none.
int64_t shown_of(int64_t images) {
  return images < kSheetColumns ? images : std::min(kShown, images / kSheetColumns * kSheetColumns);
}

/// Bins reach to twice the 99th percentile of the real images, so that they are the same whatever is compared.
Evaluation::Histogram histogram(std::string name, std::string caption, std::string unit, const Tensor& drawn,
                                const Tensor& real) {
  const double most = 2 * std::max(real.to(torch::kFloat64).quantile(0.99).item<double>(), 1e-12);
  const auto shares = [&](const Tensor& values) {
    const Tensor inside = values.to(torch::kFloat64).clamp(0, most);
    const Tensor counts = torch::histc(inside, kBins, 0, most) / double(values.numel());
    return std::vector<double>(counts.data_ptr<double>(), counts.data_ptr<double>() + kBins);
  };
  return {std::move(name),
          std::move(caption),
          std::move(unit),
          most / double(kBins),
          {{"drawn", shares(drawn)}, {"real", shares(real)}}};
}

/// The median, and its deviation over bootstrap resamples.
Score middle(const Tensor& values, int64_t seed) {
  auto generator = at::detail::createCPUGenerator(uint64_t(seed));
  std::vector<double> medians;
  for (int64_t i = 0; i < kResamples; ++i) {
    const Tensor drawn = torch::randint(values.numel(), {values.numel()}, generator, torch::kInt64);
    medians.push_back(values.index_select(0, drawn).median().item<double>());
  }
  return {values.median().item<double>(), torch::tensor(medians, torch::kFloat64).std().item<double>()};
}

/// The standard error of a share of n images.
double error_of_share(double share, int64_t n) { return std::sqrt(share * (1 - share) / double(n)); }

/// Images `first`, `first` + 1, … of those that begin at the seed.
Tensor drawn_images(const Subject& subject, int64_t first, const Condition& condition, int64_t count) {
  SampleRequest request{.seeds = std::vector<int64_t>(size_t(count)), .condition = condition};
  std::iota(request.seeds.begin(), request.seeds.end(), subject.seed + first);
  double reported = 0;
  const auto report = [&](double done) {
    subject.passed((done - std::exchange(reported, done)) * double(count));
    return true;
  };
  request.go_on = report;
  const Tensor drawn = subject.draws->sample(request);
  report(1);
  return from_bytes(to_bytes(drawn)).to(drawn.device());
}

struct Drawn {
  Gathered all;
  Tensor classes = {};  ///< [n] int64 that they were drawn for; undefined where the model is given none
  Tensor shown = {};    ///< the first of them
};

Drawn draw(const Subject& subject) {
  Drawn drawn{.all = Gathered(subject)};
  std::vector<Tensor> classes;
  for (int64_t first = 0; first < subject.n; first += kEvaluationBatch) {
    const int64_t count = std::min(kEvaluationBatch, subject.n - first);
    const Condition condition = subject.draw_condition(first, count);
    if (condition.label().defined()) classes.push_back(condition.label().cpu());
    const Tensor images = drawn_images(subject, first, condition, count);
    if (first == 0) drawn.shown = images.narrow(0, 0, shown_of(count));
    drawn.all.add(images);
  }
  if (!classes.empty()) drawn.classes = torch::cat(classes);
  return drawn;
}

Tensor features_of_blurred(const Subject& subject) {
  std::vector<Tensor> features;
  subject.each_batch(subject.images.measured, [&](const Batch& batch) {
    features.push_back(features_of(*subject.features, blurred(batch.x, kBlur)));
  });
  return torch::cat(features);
}

void add_manifolds(const Tensor& real, const Tensor& drawn, Figures& figures) {
  const Manifolds shares = manifolds(real, drawn);
  figures.add("precision", shares.precision);
  figures.add("recall", shares.recall);
  figures.add("density", shares.density);
  figures.add("coverage", shares.coverage);
}

void add_sharpness(const Tensor& drawn, const Tensor& real, Figures& figures, Evaluation& evaluation) {
  constexpr const char* kLaplacian = "variance of the Laplacian";
  const auto add_mean = [&](const char* name, const Tensor& values) {
    figures.add(name, values.mean().item<double>(), values.std().item<double>() / std::sqrt(double(values.numel())),
                kLaplacian);
  };
  add_mean("sharpness", drawn);
  add_mean("sharpness_real", real);
  evaluation.histograms.push_back(
      histogram("sharpness", "How sharp single images are: blurred ones lie to the left.", kLaplacian, drawn, real));
}

void add_nearest(const Tensor& drawn, const Tensor& real, const Tensor& train, int64_t seed, Figures& figures,
                 Evaluation& evaluation) {
  const Tensor near = nearest_neighbours(drawn, train).distance, near_real = nearest_neighbours(real, train).distance;
  figures.add("nearest_training_distance", middle(near, seed));
  figures.add("nearest_training_distance_real", middle(near_real, seed));
  evaluation.histograms.push_back(histogram("nearest_training_distance",
                                            "How far single images lie from the nearest training image: copies lie "
                                            "at 0, what is unlike the data to the right.",
                                            "distance in features", near, near_real));
}

void add_classes(const Subject& subject, const Gathered& real, const Drawn& drawn, Figures& figures) {
  const Tensor logits = drawn.all.logits(), named = logits.argmax(1);
  figures.add("inception_score", inception_score(logits.softmax(1)));
  figures.add("inception_score_real", inception_score(real.logits().softmax(1)));
  const auto add_share = [&](const char* name, const Tensor& share, const std::string& unit) {
    const auto value = share.item<double>();
    figures.add(name, value, error_of_share(value, subject.n), unit + ", named by " + subject.features->name);
  };
  const Tensor shares = torch::bincount(named, {}, logits.size(1)).to(torch::kFloat64) / double(named.numel());
  add_share("class_share_min", shares.min(), fmt::format("share of the rarest of {} classes", logits.size(1)));
  if (drawn.classes.defined())
    add_share("class_accuracy", (named == drawn.classes).to(torch::kFloat64).mean(),
              "share drawn as the class that was asked for");
}

}  // namespace

void measure_samples(const Subject& subject, Evaluation& evaluation) {
  if (!subject.features) return evaluation.left_out.push_back(subject.without_features);
  Gathered real(subject);
  int64_t features = 0;
  subject.each_batch(subject.images.measured, [&](const Batch& batch) {
    if (features == 0) features = features_of(*subject.features, batch.x.narrow(0, 0, 1)).size(1);
    if (subject.n > features) real.add(batch.x);
  });
  if (subject.n <= features)
    return evaluation.left_out.push_back(
        fmt::format("distances of samples: a covariance of {} features of {} needs more images than that, got {}",
                    features, subject.features->name, subject.n));
  if (subject.n < kEnoughPerFeature * features)
    evaluation.warnings.push_back(
        fmt::format("distances of {} are too large and uncertain: take at least {} for {} features, and compare "
                    "only figures of equal counts",
                    counted(subject.n, "sample"), with_commas(kEnoughPerFeature * features), features));
  const Drawn drawn = draw(subject);
  const Tensor of_real = real.panel().first(), of_drawn = drawn.all.panel().first();
  const TrainingImages training = read_training_images(subject, of_drawn, drawn.shown, evaluation);
  measure_frechet(subject, real.panel(), drawn.all.panel(), training.floors, training.components, evaluation);
  Figures figures(subject, evaluation);
  figures.add("frechet_distance_blurred", frechet_distance(of_real, features_of_blurred(subject)), {});
  const KernelDistance kernel = kernel_distance(of_real, of_drawn, subject.seed);
  figures.add("kernel_distance", kernel.mean, kernel.deviation);
  add_manifolds(of_real, of_drawn, figures);
  add_sharpness(drawn.all.sharpness(), real.sharpness(), figures, evaluation);
  add_nearest(of_drawn, of_real, training.features, subject.seed, figures, evaluation);
  if (real.classified()) add_classes(subject, real, drawn, figures);
}

double passes_of_samples(const Subject& subject) {
  return subject.features ? 3 * double(subject.n) + double(subject.images.train().count) : 0;
}

}  // namespace figment
