#include "figment/evaluation/feature_distances.h"

#include <cmath>

#include "figment/base/error.h"
#include "figment/tensor/shapes.h"

namespace figment {
namespace {

constexpr int64_t kBlock = 1000, kSubsets = 100, kSubsetSize = 1000, kParts = 10;

void expect_features(const Tensor& real, const Tensor& generated, std::string_view where) {
  expect_shape(real, {-1, -1}, where, "real");
  expect_shape(generated, {-1, real.size(1)}, where, "generated");
}

struct Gaussian {
  Tensor mean, covariance;  // [F], [F,F] double
};
Gaussian gaussian_of(const Tensor& features) {
  const Tensor x = features.to(torch::kFloat64), mean = x.mean(0), centred = x - mean;
  return {mean, centred.t().mm(centred) / double(x.size(0) - 1)};
}

/// Of a symmetric matrix whose eigenvalues should not be negative: rounding makes some so.
Tensor root_of(const Tensor& matrix) {
  const auto [values, vectors] = torch::linalg_eigh(matrix);
  return (vectors * values.clamp_min(0).sqrt()).mm(vectors.t());
}

/// Squared distances of blocks of rows of x to all rows of `to`: f(first row, [m,N]).
template <class F>
void each_block(const Tensor& x, const Tensor& to, const F& f) {
  const Tensor length = to.square().sum(1), transposed = to.t();
  for (int64_t first = 0; first < x.size(0); first += kBlock) {
    const Tensor rows = x.narrow(0, first, std::min(kBlock, x.size(0) - first));
    f(first, torch::addmm(length, rows, transposed, 1, -2).add_(rows.square().sum(1, true)).clamp_min_(0));
  }
}

/// Squared distance of each row to its k-th neighbour, itself not counted, for each of the ks: [ks][N].
std::vector<Tensor> squared_radii(const Tensor& x, const std::vector<int64_t>& ks) {
  const int64_t most = *std::max_element(ks.begin(), ks.end());
  std::vector<std::vector<Tensor>> parts(ks.size());
  each_block(x, x, [&](int64_t first, Tensor squared) {
    const Tensor own = torch::arange(first, first + squared.size(0)).unsqueeze(1);
    squared.scatter_(1, own, std::numeric_limits<float>::infinity());
    const Tensor nearest = std::get<0>(squared.topk(most, 1, /*largest=*/false, /*sorted=*/true));
    for (size_t i = 0; i < ks.size(); ++i) parts[i].push_back(nearest.select(1, ks[i] - 1));
  });
  std::vector<Tensor> radii;
  for (const auto& part : parts) radii.push_back(torch::cat(part));
  return radii;
}

double share(const Tensor& hits) { return hits.to(torch::kFloat64).mean().item<double>(); }

Tensor kernel(const Tensor& a, const Tensor& b) { return (a.mm(b.t()) / double(a.size(1)) + 1).pow(3); }

Tensor random_rows(const Tensor& x, int64_t count, at::Generator& generator) {
  return x.index_select(0, torch::randperm(x.size(0), generator, torch::kInt64).narrow(0, 0, count));
}

Score spread_of(const std::vector<double>& values) {
  const Tensor all = torch::tensor(values, torch::kFloat64);
  return {all.mean().item<double>(), values.size() > 1 ? all.std().item<double>() : 0};
}

}  // namespace

double frechet_distance(const Tensor& real, const Tensor& generated) {
  expect_features(real, generated, "frechet_distance");
  if (real.size(0) < 2 || generated.size(0) < 2)
    throw ShapeError("frechet_distance: a covariance needs two images on either side");
  const Gaussian r = gaussian_of(real), g = gaussian_of(generated);
  const Tensor root = root_of(r.covariance);
  const Tensor product = root.mm(g.covariance).mm(root);
  const Tensor shared = torch::linalg_eigvalsh((product + product.t()) / 2).clamp_min(0).sqrt().sum();
  return ((r.mean - g.mean).square().sum() + r.covariance.trace() + g.covariance.trace() - 2 * shared).item<double>();
}

KernelDistance kernel_distance(const Tensor& real, const Tensor& generated, int64_t seed) {
  expect_features(real, generated, "kernel_distance");
  const int64_t m = std::min({kSubsetSize, real.size(0), generated.size(0)});
  if (m < 2) throw ShapeError("kernel_distance: two images are needed on either side");
  auto generator = at::detail::createCPUGenerator(uint64_t(seed));
  std::vector<double> distances;
  for (int64_t i = 0; i < kSubsets; ++i) {
    const Tensor x = random_rows(real, m, generator).to(torch::kFloat64),
                 y = random_rows(generated, m, generator).to(torch::kFloat64);
    const Tensor xx = kernel(x, x), yy = kernel(y, y);
    const Tensor within = xx.sum() - xx.trace() + yy.sum() - yy.trace();
    distances.push_back((within / double(m * (m - 1)) - 2 * kernel(x, y).mean()).item<double>());
  }
  const Score spread = spread_of(distances);
  return {spread.mean, spread.deviation};
}

Score inception_score(const Tensor& probabilities) {
  expect_shape(probabilities, {-1, -1}, "inception_score", "probabilities");
  const Tensor p = probabilities.to(torch::kFloat64);
  std::vector<double> scores;
  for (const Tensor& part : p.chunk(std::min(kParts, p.size(0)))) {
    const Tensor marginal = part.mean(0, true);
    const Tensor divergence = (torch::xlogy(part, part) - torch::xlogy(part, marginal)).sum(1);
    scores.push_back(std::exp(divergence.mean().item<double>()));
  }
  return spread_of(scores);
}

Manifolds manifolds(const Tensor& real_features, const Tensor& generated_features, int64_t k_precision,
                    int64_t k_density) {
  expect_features(real_features, generated_features, "manifolds");
  const Tensor real = real_features.to(torch::kFloat), generated = generated_features.to(torch::kFloat);
  const int64_t most = std::max(k_precision, k_density);
  if (std::min(real.size(0), generated.size(0)) <= most)
    throw ShapeError("manifolds: each set must hold more images than a ball has neighbours");
  const std::vector<Tensor> of_real = squared_radii(real, {k_precision, k_density});
  const Tensor of_generated = squared_radii(generated, {k_precision})[0];
  Tensor covered = torch::zeros({real.size(0)}, torch::kBool), recalled = torch::zeros({real.size(0)}, torch::kBool);
  double inside = 0, balls = 0;
  each_block(generated, real, [&](int64_t first, const Tensor& squared) {
    inside += (squared <= of_real[0]).any(1).sum().item<double>();
    const Tensor within = squared <= of_real[1];
    balls += within.sum().item<double>();
    covered |= within.any(0);
    recalled |= (squared <= of_generated.narrow(0, first, squared.size(0)).unsqueeze(1)).any(0);
  });
  const auto m = double(generated.size(0));
  return {.precision = inside / m,
          .recall = share(recalled),
          .density = balls / (double(k_density) * m),
          .coverage = share(covered)};
}

Neighbours nearest_neighbours(const Tensor& x, const Tensor& among) {
  expect_features(among, x, "nearest_neighbours");
  std::vector<Tensor> distances, indices;
  each_block(x.to(torch::kFloat), among.to(torch::kFloat), [&](int64_t, const Tensor& squared) {
    const auto [least, index] = squared.min(1);
    distances.push_back(least.sqrt());
    indices.push_back(index);
  });
  return {torch::cat(distances), torch::cat(indices)};
}

}  // namespace figment
