#include "figment/objectives/adversarial.h"

#include <fmt/format.h>

#include "figment/base/error.h"
#include "figment/tensor/precision.h"

namespace figment {
namespace {

constexpr double kSmall = 1e-12;  // inside the square root, whose derivative at 0 is infinite

Tensor mean_softplus(const Tensor& x) { return torch::nn::functional::softplus(x).mean(); }

Tensor slope_of(const Tensor& output, const Tensor& x) {
  return torch::autograd::grad({output.sum()}, {x}, {}, /*retain_graph=*/true, /*create_graph=*/true)[0];
}

void expect_pairs(const Tensor& real, const Tensor& generated, std::string_view where) {
  if (!real.defined() || real.sizes() != generated.sizes())
    throw ShapeError(
        fmt::format("{}: each real one is looked at beside a generated one, so there must be as many of the "
                    "same extents; got {} beside {}",
                    where, real.defined() ? fmt::format("[{}]", fmt::join(real.sizes(), ", ")) : "none",
                    fmt::format("[{}]", fmt::join(generated.sizes(), ", "))));
}

Tensor squared_norm(const Tensor& of_images) { return at_least_fp32(of_images).flatten(1).square().sum(1); }

}  // namespace

Tensor discriminator_loss(AdversarialLoss loss, const Tensor& real, const Tensor& generated) {
  const Tensor r = at_least_fp32(real), f = at_least_fp32(generated);
  switch (loss) {
    case AdversarialLoss::kMinimax:
    case AdversarialLoss::kNonSaturating:
      return mean_softplus(-r) + mean_softplus(f);
    case AdversarialLoss::kLeastSquares:
      return ((r - 1).square().mean() + f.square().mean()) / 2;
    case AdversarialLoss::kHinge:
      return torch::relu(1 - r).mean() + torch::relu(1 + f).mean();
    case AdversarialLoss::kWasserstein:
      return f.mean() - r.mean();
    case AdversarialLoss::kRelativistic:
      expect_pairs(r, f, "discriminator_loss");
      return mean_softplus(f - r);
  }
  throw std::logic_error("a loss without a formula");
}

Tensor generator_loss(AdversarialLoss loss, const Tensor& generated, const Tensor& real) {
  const Tensor f = at_least_fp32(generated);
  switch (loss) {
    case AdversarialLoss::kMinimax:
      return -mean_softplus(f);
    case AdversarialLoss::kNonSaturating:
      return mean_softplus(-f);
    case AdversarialLoss::kLeastSquares:
      return (f - 1).square().mean() / 2;
    case AdversarialLoss::kHinge:
    case AdversarialLoss::kWasserstein:
      return -f.mean();
    case AdversarialLoss::kRelativistic:
      expect_pairs(real, f, "generator_loss");
      return mean_softplus(at_least_fp32(real) - f);
  }
  throw std::logic_error("a loss without a formula");
}

Tensor squared_gradient(const Tensor& output, const Tensor& x) {
  const FullPrecision full_precision(x.device().type());
  return squared_norm(slope_of(output, x)).mean();
}

Tensor interpolation_penalty(const std::function<Tensor(const Tensor&)>& discriminator, const Tensor& real,
                             const Tensor& generated) {
  expect_pairs(real, generated, "interpolation_penalty");
  std::vector<int64_t> one_each(static_cast<size_t>(real.dim()), 1);
  one_each[0] = real.size(0);
  const Tensor share = torch::rand(one_each, real.options());
  const Tensor between = torch::lerp(generated.detach(), real.detach(), share).requires_grad_();
  const Tensor output = discriminator(between);
  const FullPrecision full_precision(real.device().type());
  return distance_from_unit_slope(slope_of(output, between));
}

Tensor distance_from_unit_slope(const Tensor& slope) {
  return ((squared_norm(slope) + kSmall).sqrt() - 1).square().mean();
}

}  // namespace figment
