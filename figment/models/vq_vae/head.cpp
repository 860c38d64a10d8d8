#include "figment/models/vq_vae/head.h"

#include "figment/objectives/likelihoods.h"

namespace figment::vq_vae {
namespace {

/// On [0,1], divided by the variance of the data as in the authors' implementation: the loss of a constant image is 1.
class SquaredError final : public Head {
 public:
  SquaredError() { variance_ = register_buffer("variance", torch::ones({})); }
  int64_t outputs() const override { return 1; }
  LossTerm loss(const Tensor& output, const Tensor& x) const override {
    const Tensor error = to_unit(at_least_fp32(output)) - to_unit(x);
    return {"reconstruction_mse", error.square().mean(), 1 / variance_.item<double>()};
  }
  Tensor picture(const Tensor& output) const override { return at_least_fp32(output).clamp(-1, 1); }
  void start_from(const Tensor& x) override { variance_.copy_(to_unit(x).var().clamp_min(1e-6)); }

 private:
  Tensor variance_;  // []
};

/// Mean in [-1,1] and log scale of each sub-pixel.
class DiscretisedLogistic final : public Density {
 public:
  using Density::Density;
  int64_t outputs() const override { return 2; }
  Tensor nats(const Tensor& output, const Tensor& x) const override {
    const Logistics logistic = logistic_of(output);
    return discretised_logistic_nats(logistic.mean, logistic.log_scale, x, levels());
  }
  Tensor picture(const Tensor& output) const override { return logistic_of(output).mean.clamp(-1, 1); }
};

/// An independent probability for each level. The picture is the mean, which has the least squared error.
class Categorical final : public Density {
 public:
  using Density::Density;
  int64_t outputs() const override { return levels(); }
  Tensor nats(const Tensor& output, const Tensor& x) const override {
    return categorical_nats(logits(output), level_of(x, levels()));
  }
  Tensor picture(const Tensor& output) const override {
    const Tensor value = torch::linspace(-1, 1, levels(), output.device()).view({1, -1, 1, 1, 1});
    return (at_least_fp32(logits(output)).softmax(1) * value).sum(1);
  }

 private:
  Tensor logits(const Tensor& output) const { return output.unflatten(1, {levels(), -1}); }  // [N,levels,C,H,W]
};

}  // namespace

LossTerm Density::loss(const Tensor& output, const Tensor& x) const {
  return {"reconstruction_nats", nats(output, x).mean(), 1 / double(x[0].numel())};
}

std::shared_ptr<Head> make_head(HeadKind kind, const PixelSpec& pixels) {
  switch (kind) {
    case HeadKind::kSquaredError:
      return std::make_shared<SquaredError>();
    case HeadKind::kDiscretisedLogistic:
      return std::make_shared<DiscretisedLogistic>(pixels.levels);
    case HeadKind::kCategorical:
      return std::make_shared<Categorical>(pixels.levels);
  }
  throw std::logic_error("a head without a class");
}

}  // namespace figment::vq_vae
