#include "figment/evaluation/latent.h"

#include <fmt/format.h>

#include "figment/contracts/capabilities.h"

namespace figment {
namespace {
constexpr double kActive = 0.01, kFewActive = 0.1;
}

void measure_active_units(const Subject& subject, Evaluation& evaluation) {
  if (subject.n < 2) {
    evaluation.left_out.push_back("active_units: a variance over images needs two of them");
    return;
  }
  auto& model = dynamic_cast<EncodesLatent&>(subject.model);
  std::vector<Tensor> codes;
  subject.each_batch(subject.data.measured,
                     [&](const Batch& batch) { codes.push_back(model.encode(batch.x).to(torch::kFloat64)); });
  const Tensor variance = torch::cat(codes).var(0);  // [Z]
  const int64_t active = (variance > kActive).sum().item<int64_t>(), size = variance.size(0);
  evaluation.metrics.push_back({.name = "active_units",
                                .unit = fmt::format("of {}", size),
                                .split = subject.split,
                                .value = double(active),
                                .n = subject.n,
                                .seed = subject.seed});
  if (double(active) < kFewActive * double(size))
    evaluation.warnings.push_back(
        fmt::format("few active dimensions: only {} of the {} latent dimensions vary over images, so the code says "
                    "little about an image",
                    active, size));
}

void measure_gauges(const Subject& subject, Evaluation& evaluation) {
  auto& model = dynamic_cast<Gauges&>(subject.model);
  std::vector<std::pair<Gauge, Tensor>> sums;  // values summed over images
  subject.each_batch(subject.data.measured, [&](const Batch& batch) {
    const std::vector<Gauge> gauges = model.gauge(batch);
    sums.resize(gauges.size());
    for (size_t i = 0; i < gauges.size(); ++i) {
      const Tensor values = gauges[i].values.to(torch::kFloat64) * double(batch.size());
      sums[i] = {gauges[i], sums[i].second.defined() ? sums[i].second + values : values};
    }
  });
  for (const auto& [gauge, sum] : sums) {
    const Tensor mean = (sum / double(subject.n)).contiguous().cpu();
    evaluation.series.push_back({gauge.name, gauge.caption,
                                 std::vector<double>(mean.data_ptr<double>(), mean.data_ptr<double>() + mean.numel())});
  }
}

}  // namespace figment
