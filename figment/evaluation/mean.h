// A mean over images with its standard error, in double.
#pragma once
#include <torch/torch.h>

#include <cmath>
#include <optional>

#include "figment/evaluation/subject.h"

namespace figment {

class MeanOverImages {
 public:
  /// values [N], any float type.
  void add(const torch::Tensor& values) { values_.push_back(values.to(torch::kFloat64).cpu()); }
  bool empty() const { return values_.empty(); }

  /// The spread is sqrt(unbiased variance / N); nothing for fewer than two images.
  Metric metric(const Subject& subject, std::string name, std::string unit) const {
    const torch::Tensor all = torch::cat(values_);
    Metric metric{.name = std::move(name),
                  .unit = std::move(unit),
                  .split = subject.split,
                  .value = all.mean().item<double>(),
                  .n = all.numel(),
                  .seed = subject.seed};
    if (metric.n > 1) metric.spread = all.std().item<double>() / std::sqrt(double(metric.n));
    return metric;
  }

 private:
  std::vector<torch::Tensor> values_;
};

}  // namespace figment
