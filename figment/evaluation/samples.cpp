#include "figment/evaluation/samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "figment/base/text.h"
#include "figment/evaluation/feature_distances.h"
#include "figment/tensor/tensors.h"

namespace figment {
namespace {

constexpr int64_t kBatch = 250;
constexpr double kBlur = 0.5;              // pixels
constexpr int64_t kEnoughPerFeature = 20;  // images, so that a covariance is not mostly noise

Tensor grey(const Tensor& images) { return to_unit(images.to(torch::kFloat)).mean(1, true); }

/// What is asked of a set of images, gathered batch by batch.
struct Gathered {
  std::vector<Tensor> features, logits, sharpnesses;
  void add(const SamplesSubject& subject, const Tensor& images) {
    features.push_back(subject.judge.embed(images).to(torch::kFloat).cpu());
    if (subject.classifier) logits.push_back(subject.classifier->logits(images).to(torch::kFloat).cpu());
    sharpnesses.push_back(sharpness(images).cpu());
  }
};

Tensor features_of(const SamplesSubject& subject, const SamplesSubject::EachBatch& each_batch,
                   const std::function<Tensor(const Tensor&)>& change = {}) {
  std::vector<Tensor> features;
  each_batch([&](const Batch& batch) {
    features.push_back(subject.judge.embed(change ? change(batch.x) : batch.x).to(torch::kFloat).cpu());
  });
  return torch::cat(features);
}

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

double middle(const Tensor& values) { return values.median().item<double>(); }

void add_classes(const SamplesSubject& subject, const Gathered& drawn, Figures& figures) {
  const Tensor logits = torch::cat(drawn.logits), named = logits.argmax(1);
  const Score score = inception_score(logits.softmax(1));
  figures.add("inception_score", score.mean, score.deviation);
  const Tensor shares = torch::bincount(named, {}, logits.size(1)).to(torch::kFloat64) / double(named.numel());
  figures.add("class_share_min", shares.min().item<double>(), {},
              fmt::format("share of the rarest of {} classes", logits.size(1)));
  if (subject.classes.defined())
    figures.add("class_accuracy", (named == subject.classes).to(torch::kFloat64).mean().item<double>(), {},
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
  Gathered real, drawn;
  subject.real([&](const Batch& batch) { real.add(subject, batch.x); });
  const Tensor real_features = torch::cat(real.features);
  const int64_t features = real_features.size(1);
  if (subject.n <= features) {
    evaluation.left_out.push_back(fmt::format(
        "distances of samples: a covariance of {} features needs more images than that, got {}", features, subject.n));
    return;
  }
  if (subject.n < kEnoughPerFeature * features)
    evaluation.warnings.push_back(
        fmt::format("distances of {} are too large and uncertain: take at least {} for {} features, and compare "
                    "equal counts alone",
                    counted(subject.n, "sample"), with_commas(kEnoughPerFeature * features), features));
  for (int64_t first = 0; first < subject.n; first += kBatch) {
    const Tensor images = subject.draw(first, std::min(kBatch, subject.n - first));
    drawn.add(subject, from_bytes(to_bytes(images)).to(images.device()));
    subject.progress(double(first) / double(subject.n));
  }
  const Tensor drawn_features = torch::cat(drawn.features), train_features = features_of(subject, subject.train);
  Figures figures(subject, evaluation);
  figures.add("frechet_distance", frechet_distance(real_features, drawn_features),
              frechet_spread(real_features, drawn_features, subject.seed));
  figures.add("frechet_distance_train", frechet_distance(real_features, train_features));
  figures.add("frechet_distance_blurred",
              frechet_distance(real_features,
                               features_of(subject, subject.real, [](const Tensor& x) { return blurred(x, kBlur); })));
  const KernelDistance kernel = kernel_distance(real_features, drawn_features, subject.seed);
  figures.add("kernel_distance", kernel.mean, kernel.deviation);
  const Manifolds shares = manifolds(real_features, drawn_features);
  figures.add("precision", shares.precision.mean, shares.precision.deviation);
  figures.add("recall", shares.recall.mean, shares.recall.deviation);
  figures.add("density", shares.density.mean, shares.density.deviation);
  figures.add("coverage", shares.coverage.mean, shares.coverage.deviation);
  const auto mean = [](const std::vector<Tensor>& parts) {
    return torch::cat(parts).to(torch::kFloat64).mean().item<double>();
  };
  figures.add("sharpness", mean(drawn.sharpnesses), {}, "variance of the Laplacian");
  figures.add("sharpness_real", mean(real.sharpnesses), {}, "variance of the Laplacian");
  figures.add("nearest_training_distance", middle(nearest_neighbours(drawn_features, train_features).distance));
  figures.add("nearest_training_distance_real", middle(nearest_neighbours(real_features, train_features).distance));
  if (subject.classifier) add_classes(subject, drawn, figures);
}

}  // namespace figment
