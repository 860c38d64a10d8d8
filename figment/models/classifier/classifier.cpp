#include "figment/models/classifier/classifier.h"

#include <fmt/format.h>

#include "figment/base/error.h"
#include "figment/tensor/precision.h"

namespace figment::classifier {
namespace {

/// `bias` false: before batch norm, which takes the mean away.
torch::nn::Conv2d conv(int64_t from, int64_t to, bool bias) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(from, to, 3).padding(1).bias(bias));
}

}  // namespace

Classifier::Classifier(const Config& config, const DataSpec& data) : config_(config), pixels_(pixels(data)) {
  if (std::min(pixels_.height, pixels_.width) < 4)
    throw ConfigError(
        fmt::format("classifier: images must be at least 4 x 4, got {} x {}", pixels_.width, pixels_.height));
  const LabelSpec* classes = data.condition.label();
  if (!classes) throw DataError("classifier: it needs data with classes");
  const bool pooled = config.network == NetworkKind::kPooled;
  const int64_t wide = 2 * config.width, area = (pixels_.height / 4) * (pixels_.width / 4);
  first_ = register_module("first", conv(pixels_.channels, config.width, !pooled));
  second_ = register_module("second", conv(config.width, wide, !pooled));
  if (pooled) {
    third_ = register_module("third", conv(wide, wide, false));
    first_norm_ = register_module("first_norm", torch::nn::BatchNorm2d(config.width));
    second_norm_ = register_module("second_norm", torch::nn::BatchNorm2d(wide));
    third_norm_ = register_module("third_norm", torch::nn::BatchNorm2d(wide));
  } else {
    features_ = register_module("features", Linear(wide * area, config.features));
  }
  classes_ = register_module("classes", Linear(pooled ? wide : config.features, int64_t(classes->names.size())));
}

Tensor Classifier::embed(const Tensor& x) {
  expect_shape(x, {-1, pixels_.channels, pixels_.height, pixels_.width}, "Classifier", "x");
  const auto normed = [](torch::nn::BatchNorm2d& norm, const Tensor& maps) { return norm ? norm(maps) : maps; };
  Tensor h = torch::max_pool2d(torch::relu(normed(first_norm_, first_(x))), 2);
  h = torch::max_pool2d(torch::relu(normed(second_norm_, second_(h))), 2);
  if (third_) return torch::relu(third_norm_(third_(h))).mean({2, 3});
  return torch::relu(features_(h.flatten(1)));
}

void Classifier::train_step(const Batch& batch, Step& step) {
  step.minimize(kModel, batch, [&](const Batch& b) -> LossTerms {
    const Tensor label = b.condition.label();
    const Tensor logits = at_least_fp32(this->logits(b.x));
    step.observe("accuracy", (logits.detach().argmax(1) == label).to(torch::kFloat).mean());
    return {{"cross_entropy_nats", torch::nn::functional::cross_entropy(logits, label)}};
  });
}

Entry entry() { return entry_of<Classifier>({.needs = {"labels"}}); }

}  // namespace figment::classifier
