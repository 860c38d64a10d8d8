#include "figment/evaluation/samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "figment/base/text.h"
#include "figment/evaluation/feature_distances.h"
#include "figment/tensor/images.h"
#include "figment/tensor/tensors.h"

namespace figment {
namespace {

constexpr int64_t kBatch = 250;
constexpr double kBlur = 0.5;              // pixels
constexpr int64_t kEnoughPerFeature = 20;  // images, so that a covariance is not mostly noise
constexpr int64_t kBins = 40, kShown = 32, kColumns = 16, kResamples = 100;

Tensor grey(const Tensor& images) { return to_unit(images.to(torch::kFloat)).mean(1, true); }

Tensor features_of(const SamplesSubject& subject, const Tensor& images) {
  const Tensor features = subject.judge.embed(images).to(torch::kFloat).cpu();
  subject.judged(images.size(0));
  return features;
}

/// What is asked of a set of images, gathered batch by batch.
struct Gathered {
  std::vector<Tensor> features, logits, sharpnesses;
  void add(const SamplesSubject& subject, const Tensor& images) {
    features.push_back(features_of(subject, images));
    if (subject.classifier) logits.push_back(subject.classifier->logits(images).to(torch::kFloat).cpu());
    sharpnesses.push_back(sharpness(images).cpu());
  }
};

class Figures {
 public:
  Figures(const SamplesSubject& subject, Evaluation& evaluation) : subject_(subject), evaluation_(evaluation) {}
  void add(std::string name, double value, std::optional<double> spread = {}, std::string unit = {}) {
    evaluation_.metrics.push_back({.name = std::move(name),
                                   .unit = unit.empty() ? "features of " + subject_.judge_name : std::move(unit),
                                   .split = subject_.split,
                                   .value = value,
                                   .spread = spread,
                                   .n = subject_.n,
                                   .seed = subject_.seed});
  }

 private:
  const SamplesSubject& subject_;
  Evaluation& evaluation_;
};

/// Of each query the nearest of the images that pass by.
class Nearest {
 public:
  explicit Nearest(Tensor queries) : queries_(std::move(queries)) {}
  void pass(const Tensor& rows, const Tensor& images) {
    const auto [distance, index] = nearest_neighbours(queries_, rows);
    if (!distance_.defined()) distance_ = torch::full_like(distance, std::numeric_limits<float>::infinity());
    const Tensor nearer = distance < distance_, found = images.index_select(0, index);
    images_ = images_.defined() ? torch::where(nearer.view({-1, 1, 1, 1}), found, images_) : found;
    distance_ = torch::minimum(distance, distance_);
  }
  const Tensor& images() const { return images_; }

 private:
  Tensor queries_, distance_, images_;
};

Tensor as_rows(const Tensor& images) { return images.to(torch::kFloat).flatten(1).cpu(); }

/// Whole rows, or all where they make none.
int64_t shown_of(int64_t images) { return images < kColumns ? images : std::min(kShown, images / kColumns * kColumns); }

/// Three rows of a sheet for each row of drawn images.
Picture picture_of_neighbours(const Tensor& drawn, const Nearest& by_features, const Nearest& by_pixels) {
  std::vector<Tensor> rows;
  const int64_t columns = std::min(kColumns, drawn.size(0));
  for (int64_t first = 0; first < drawn.size(0); first += columns)
    for (const Tensor& images : {drawn, by_features.images(), by_pixels.images()})
      rows.push_back(images.narrow(0, first, columns).cpu());
  return {
      "neighbours",
      "drawn images; below each the training image that is nearest in the features of the judge, and below that the "
      "nearest by its pixels. Twins would be copies",
      image_grid(torch::cat(rows), columns)};
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

void add_classes(const SamplesSubject& subject, const Gathered& real, const Gathered& drawn, Figures& figures) {
  const Tensor logits = torch::cat(drawn.logits), named = logits.argmax(1);
  const auto add_score = [&](const char* name, const Tensor& of) {
    const Score score = inception_score(of.softmax(1));
    figures.add(name, score.mean, score.deviation);
  };
  add_score("inception_score", logits);
  add_score("inception_score_real", torch::cat(real.logits));
  const auto add_share = [&](const char* name, double share, const std::string& unit) {
    figures.add(name, share, error_of_share(share, named.numel()), unit + ", named by " + subject.judge_name);
  };
  const Tensor shares = torch::bincount(named, {}, logits.size(1)).to(torch::kFloat64) / double(named.numel());
  add_share("class_share_min", shares.min().item<double>(),
            fmt::format("share of the rarest of {} classes", logits.size(1)));
  if (subject.classes.defined())
    add_share("class_accuracy", (named == subject.classes).to(torch::kFloat64).mean().item<double>(),
              "share drawn as the class that was asked for");
}

}  // namespace

Tensor sharpness(const Tensor& images) {
  const Tensor kernel = torch::tensor({0.f, 1.f, 0.f, 1.f, -4.f, 1.f, 0.f, 1.f, 0.f}).view({1, 1, 3, 3});
  return torch::conv2d(grey(images), kernel.to(images.device())).flatten(1).var(1);
}

Tensor blurred(const Tensor& images, double deviation) {
  const auto reach = int64_t(std::ceil(4 * deviation));
  const Tensor at = torch::arange(-reach, reach + 1, torch::kFloat) / deviation;
  const Tensor weights = torch::softmax(-at.square() / 2, 0).to(images.device());
  const int64_t channels = images.size(1), size = 2 * reach + 1;
  const auto along = [&](const Tensor& x, std::vector<int64_t> shape, const std::vector<int64_t>& pads) {
    const Tensor kernel = weights.view(shape).expand({channels, 1, shape[2], shape[3]});
    const Tensor padded =
        torch::nn::functional::pad(x, torch::nn::functional::PadFuncOptions(pads).mode(torch::kReplicate));
    return torch::conv2d(padded, kernel.contiguous(), {}, at::IntArrayRef{1, 1}, at::IntArrayRef{0, 0},
                         at::IntArrayRef{1, 1}, channels);
  };
  const Tensor across = along(images, {1, 1, 1, size}, {reach, reach, 0, 0});
  return along(across, {1, 1, size, 1}, {0, 0, reach, reach});
}

void measure_samples(const SamplesSubject& subject, Evaluation& evaluation) {
  const int64_t features = subject.judge.embed(subject.draw(0, 1)).size(1);
  if (subject.n <= features) {
    evaluation.left_out.push_back(
        fmt::format("distances of samples: a covariance of {} features of {} needs more images than that, got {}",
                    features, subject.judge_name, subject.n));
    return;
  }
  Gathered real, drawn;
  Tensor shown;
  subject.real([&](const Batch& batch) { real.add(subject, batch.x); });
  const Tensor real_features = torch::cat(real.features);
  if (subject.n < kEnoughPerFeature * features)
    evaluation.warnings.push_back(
        fmt::format("distances of {} are too large and uncertain: take at least {} for {} features, and compare "
                    "equal counts alone",
                    counted(subject.n, "sample"), with_commas(kEnoughPerFeature * features), features));
  for (int64_t first = 0; first < subject.n; first += kBatch) {
    const Tensor made = subject.draw(first, std::min(kBatch, subject.n - first));
    const Tensor images = from_bytes(to_bytes(made)).to(made.device());
    if (first == 0) shown = images.narrow(0, 0, shown_of(images.size(0)));
    drawn.add(subject, images);
  }
  const Tensor drawn_features = torch::cat(drawn.features);
  Nearest by_features(drawn_features.narrow(0, 0, shown.size(0))), by_pixels(as_rows(shown));
  std::vector<Tensor> features_of_train;
  subject.train([&](const Batch& batch) {
    features_of_train.push_back(features_of(subject, batch.x));
    const Tensor images = batch.x.cpu();
    by_features.pass(features_of_train.back(), images);
    by_pixels.pass(as_rows(images), images);
  });
  const Tensor train_features = torch::cat(features_of_train);
  std::vector<Tensor> features_of_blurred;
  subject.real(
      [&](const Batch& batch) { features_of_blurred.push_back(features_of(subject, blurred(batch.x, kBlur))); });
  Figures figures(subject, evaluation);
  figures.add("frechet_distance", frechet_distance(real_features, drawn_features),
              frechet_spread(real_features, drawn_features, subject.seed));
  figures.add("frechet_distance_train", frechet_distance(real_features, train_features));
  figures.add("frechet_distance_blurred", frechet_distance(real_features, torch::cat(features_of_blurred)));
  const KernelDistance kernel = kernel_distance(real_features, drawn_features, subject.seed);
  figures.add("kernel_distance", kernel.mean, kernel.deviation);
  const Manifolds shares = manifolds(real_features, drawn_features);
  figures.add("precision", shares.precision.mean, shares.precision.deviation);
  figures.add("recall", shares.recall.mean, shares.recall.deviation);
  figures.add("density", shares.density.mean, shares.density.deviation);
  figures.add("coverage", shares.coverage.mean, shares.coverage.deviation);
  constexpr const char* kLaplacian = "variance of the Laplacian";
  const Tensor sharp = torch::cat(drawn.sharpnesses).to(torch::kFloat64),
               sharp_real = torch::cat(real.sharpnesses).to(torch::kFloat64);
  const auto add_mean = [&](const char* name, const Tensor& values) {
    figures.add(name, values.mean().item<double>(), values.std().item<double>() / std::sqrt(double(values.numel())),
                kLaplacian);
  };
  add_mean("sharpness", sharp);
  add_mean("sharpness_real", sharp_real);
  const Tensor near = nearest_neighbours(drawn_features, train_features).distance,
               near_real = nearest_neighbours(real_features, train_features).distance;
  const auto add_middle = [&](const char* name, const Tensor& values) {
    const Score median = middle(values, subject.seed);
    figures.add(name, median.mean, median.deviation);
  };
  add_middle("nearest_training_distance", near);
  add_middle("nearest_training_distance_real", near_real);
  evaluation.histograms.push_back(histogram("sharpness", "How sharp single images are: blurred ones lie to the left.",
                                            kLaplacian, sharp, sharp_real));
  evaluation.histograms.push_back(histogram("nearest_training_distance",
                                            "How far single images lie from the nearest training image: copies lie "
                                            "at 0, what is unlike the data to the right.",
                                            "distance in features", near, near_real));
  evaluation.pictures.push_back(picture_of_neighbours(shown, by_features, by_pixels));
  if (subject.classifier) add_classes(subject, real, drawn, figures);
}

}  // namespace figment
