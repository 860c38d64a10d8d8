#include "figment/models/vae/likelihood.h"

#include <cmath>

#include "figment/objectives/likelihoods.h"
#include "figment/objectives/precision.h"

namespace figment::vae {
namespace {

/// Dynamic binarisation: each pixel is 1 with the probability of its grey value, in training and in evaluation
/// (Salakhutdinov and Murray 2008; Burda et al. 2016). Grey values themselves under a Bernoulli are no likelihood.
class Bernoulli final : public Likelihood {
 public:
  Tensor observed(const Tensor& grey) const override { return draw_bernoulli(grey); }
  Tensor nats(const Tensor& logit, const Tensor& x) const override { return bernoulli_nats(logit, x); }
  Tensor picture(const Tensor& logit) const override { return at_least_fp32(logit).sigmoid(); }
  int64_t levels() const override { return 2; }
};

/// One standard deviation for all pixels, fixed or learned. The best one for given means is known in closed form,
/// gamma^2 = mean of (x - mean)^2 (Rybkin et al. 2021, arXiv:2006.13202, Eq. 6): a learned gamma follows it as training
/// goes on.
class Gaussian final : public Likelihood {
 public:
  Gaussian(double scale, bool learned) : log_scale_(torch::tensor(std::log(scale), torch::kFloat)) {
    if (learned)
      log_scale_ = register_parameter("log_scale", log_scale_);
    else
      log_scale_ = register_buffer("log_scale", log_scale_);
  }
  Tensor nats(const Tensor& mean, const Tensor& x) const override { return gaussian_nats(mean, log_scale_, x); }
  Tensor picture(const Tensor& mean) const override { return at_least_fp32(mean).clamp(0, 1); }
  int64_t levels() const override { return 0; }

 private:
  Tensor log_scale_;  // []
};

/// Mean in [-1,1] and log scale of each sub-pixel.
class DiscretisedLogistic final : public Likelihood {
 public:
  explicit DiscretisedLogistic(int64_t levels) : levels_(levels) {}
  int64_t outputs() const override { return 2; }
  Tensor nats(const Tensor& output, const Tensor& x) const override {
    const auto h = at_least_fp32(output).chunk(2, 1);
    return discretised_logistic_nats(h[0], h[1].clamp_min(kLeastLogScale), to_signed(x), levels_);
  }
  Tensor picture(const Tensor& output) const override {
    return to_unit(at_least_fp32(output.chunk(2, 1)[0])).clamp(0, 1);
  }
  int64_t levels() const override { return levels_; }

 private:
  int64_t levels_;
};

}  // namespace

std::shared_ptr<Likelihood> make_likelihood(const Config& config, const PixelSpec& pixels) {
  switch (config.likelihood) {
    case LikelihoodKind::kBernoulli:
      return std::make_shared<Bernoulli>();
    case LikelihoodKind::kGaussian:
      return std::make_shared<Gaussian>(config.scale, false);
    case LikelihoodKind::kLearnedGaussian:
      return std::make_shared<Gaussian>(config.scale, true);
    case LikelihoodKind::kDiscretisedLogistic:
      return std::make_shared<DiscretisedLogistic>(pixels.levels);
  }
  throw std::logic_error("a likelihood without a class");
}

}  // namespace figment::vae
