#include "figment/evaluation/feature_distances.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "figment/base/error.h"
#include "figment/evaluation/close_pairs.h"
#include "figment/evaluation/covariance.h"
#include "figment/tensor/shapes.h"

namespace figment {
namespace {

constexpr int64_t kSubsets = 100, kSubsetSize = 1000, kParts = 10, kResamples = 10;
constexpr double kFar = std::numeric_limits<double>::infinity();

void expect_features(const Tensor& real, const Tensor& generated, std::string_view where) {
  expect_shape(real, {-1, -1}, where, "real");
  expect_shape(generated, {-1, real.size(1)}, where, "generated");
}

/// L with L L^T = matrix, whose eigenvalues should not be negative: rounding makes some so.
struct Factor {
  Tensor matrix;
  bool triangular = false;
};
Factor factor_of(const Tensor& matrix) {
  const auto [factor, failed] = torch::linalg_cholesky_ex(matrix);
  if (failed.item<int32_t>() == 0) return {factor, true};
  const auto [values, vectors] = torch::linalg_eigh(matrix);  // singular: features that are always zero, few images
  return {vectors * values.clamp_min(0).sqrt(), false};
}

/// L^T S L
Tensor between(const Factor& l, const Tensor& symmetric) {
  return l.triangular ? congruence_of(symmetric, l.matrix) : l.matrix.t().mm(symmetric).mm(l.matrix);
}

double frechet_distance(const Gaussian& r, const Factor& of_r, const Gaussian& g) {
  const Tensor squares = torch::linalg_eigvalsh(between(of_r, g.covariance));
  const Tensor shared = squares.clamp_min(0).sqrt().sum();
  return ((r.mean - g.mean).square().sum() + r.covariance.trace() + g.covariance.trace() - 2 * shared).item<double>();
}

void expect_two(const Tensor& real, const Tensor& generated, std::string_view where) {
  expect_features(real, generated, where);
  if (real.size(0) < 2 || generated.size(0) < 2)
    throw ShapeError(fmt::format("{}: a covariance needs two images on either side", where));
}

Reaching reaching(const Tensor& features, double squared) {
  return {.x = features.to(torch::kCPU, torch::kFloat).contiguous(),
          .reach = std::vector<float>(size_t(features.size(0)), reach_of(squared))};
}

/// Squared distance of each row to its k nearest neighbours, itself not counted, nearest first: [N][k].
std::vector<std::vector<double>> nearest_of_own(const Tensor& features, int64_t k) {
  Reaching own = reaching(features, kFar);
  std::vector<std::vector<double>> nearest(own.reach.size(), std::vector<double>(size_t(k), kFar));
  const auto offer = [&](int64_t i, double squared) {
    std::vector<double>& of_row = nearest[size_t(i)];
    if (squared >= of_row.back()) return;
    of_row.pop_back();
    of_row.insert(std::upper_bound(of_row.begin(), of_row.end(), squared), squared);
    own.reach[size_t(i)] = reach_of(of_row.back());
  };
  each_close_pair(own, [&](int64_t i, int64_t j, double squared) {
    offer(i, squared);
    offer(j, squared);
  });
  return nearest;
}

Tensor kernel(const Tensor& a, const Tensor& b) { return (a.mm(b.t()) / double(a.size(1)) + 1).pow(3); }

Tensor random_rows(const Tensor& x, int64_t count, at::Generator& generator) {
  return x.index_select(0, torch::randperm(x.size(0), generator, torch::kInt64).narrow(0, 0, count));
}

Score spread_of(const std::vector<double>& values) {
  const Tensor all = torch::tensor(values, torch::kFloat64);
  return {all.mean().item<double>(), values.size() > 1 ? all.std().item<double>() : 0};
}

Score mean_of(const std::vector<double>& values) {
  const Score spread = spread_of(values);
  return {spread.mean, spread.deviation / std::sqrt(double(values.size()))};
}

}  // namespace

double frechet_distance(const Tensor& real, const Tensor& generated) {
  expect_two(real, generated, "frechet_distance");
  const Gaussian r = gaussian_of(real);
  return frechet_distance(r, factor_of(r.covariance), gaussian_of(generated));
}

double frechet_spread(const Tensor& real, const Tensor& generated, int64_t seed) {
  expect_two(real, generated, "frechet_spread");
  auto generator = at::detail::createCPUGenerator(uint64_t(seed));
  const auto resampled = [&](const Tensor& x) {
    return gaussian_of(x.index_select(0, torch::randint(x.size(0), {x.size(0)}, generator, torch::kInt64)));
  };
  std::vector<double> distances;
  for (int64_t i = 0; i < kResamples; ++i) {
    const Gaussian r = resampled(real), g = resampled(generated);
    distances.push_back(frechet_distance(r, factor_of(r.covariance), g));
  }
  return spread_of(distances).deviation;
}

KernelDistance kernel_distance(const Tensor& real, const Tensor& generated, int64_t seed) {
  expect_features(real, generated, "kernel_distance");
  const int64_t m = std::min({kSubsetSize, real.size(0), generated.size(0)});
  if (m < 2) throw ShapeError("kernel_distance: two images are needed on either side");
  const bool one_subset = m == real.size(0) && m == generated.size(0);
  auto generator = at::detail::createCPUGenerator(uint64_t(seed));
  std::vector<double> distances;
  for (int64_t i = 0; i < (one_subset ? 1 : kSubsets); ++i) {
    const Tensor x = random_rows(real, m, generator).to(torch::kFloat64),
                 y = random_rows(generated, m, generator).to(torch::kFloat64);
    const Tensor xx = kernel(x, x), yy = kernel(y, y);
    const Tensor within = xx.sum() - xx.trace() + yy.sum() - yy.trace();
    distances.push_back((within / double(m * (m - 1)) - 2 * kernel(x, y).mean()).item<double>());
  }
  const Score spread = spread_of(distances);
  return {spread.mean, one_subset ? std::nullopt : std::optional(spread.deviation)};
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
  Reaching real = reaching(real_features, 0), generated = reaching(generated_features, 0);
  const size_t n = real.reach.size(), m = generated.reach.size();
  const auto k = size_t(k_precision), k_wide = size_t(k_density);
  if (std::min(n, m) <= std::max(k, k_wide))
    throw ShapeError("manifolds: each set must hold more images than a ball has neighbours");
  const auto of_real = nearest_of_own(real.x, std::max(k_precision, k_density)),
             of_generated = nearest_of_own(generated.x, k_precision);
  for (size_t i = 0; i < n; ++i) real.reach[i] = reach_of(of_real[i].back());
  for (size_t j = 0; j < m; ++j) generated.reach[j] = reach_of(of_generated[j].back());
  std::vector<double> inside(m), balls(m), recalled(n), covered(n);
  each_close_pair(generated, real, [&](int64_t row, int64_t column, double squared) {
    const auto g = size_t(row), r = size_t(column);
    if (squared <= of_real[r][k - 1]) inside[g] = 1;
    if (squared <= of_generated[g][k - 1]) recalled[r] = 1;
    if (squared > of_real[r][k_wide - 1]) return;
    balls[g] += 1;
    covered[r] = 1;
  });
  for (double& count : balls) count /= double(k_density);
  return {.precision = mean_of(inside),
          .recall = mean_of(recalled),
          .density = mean_of(balls),
          .coverage = mean_of(covered)};
}

Neighbours nearest_neighbours(const Tensor& x, const Tensor& among) {
  expect_features(among, x, "nearest_neighbours");
  Reaching from = reaching(x, kFar);
  std::vector<double> squared_distance(from.reach.size(), kFar);
  std::vector<int64_t> index(from.reach.size());
  each_close_pair(from, reaching(among, -1), [&](int64_t i, int64_t j, double squared) {
    const auto row = size_t(i);
    if (squared >= squared_distance[row]) return;
    squared_distance[row] = squared;
    index[row] = j;
    from.reach[row] = reach_of(squared);
  });
  return {torch::tensor(squared_distance, torch::kFloat64).sqrt().to(torch::kFloat), torch::tensor(index)};
}

}  // namespace figment
