#include "figment/nn/k_means.h"

#include "figment/base/error.h"
#include "figment/nn/nearest_code.h"

namespace figment {
namespace {

constexpr int kRounds = 10;

/// Draws the index of a row with probability proportional to its weight; uniformly where every weight is 0.
int64_t draw_index(const Tensor& weight) {
  const Tensor upto = weight.to(torch::kDouble).cumsum(0);
  const double total = upto[-1].item<double>(), at = torch::rand({}, torch::kDouble).item<double>();
  if (!(total > 0)) return std::min(int64_t(at * double(weight.size(0))), weight.size(0) - 1);
  const Tensor found = torch::searchsorted(upto, torch::full({1}, at * total, upto.options()), false, /*right=*/true);
  return std::min(found.item<int64_t>(), weight.size(0) - 1);
}

Tensor first_centres(const Tensor& vectors, int64_t k) {
  std::vector<Tensor> centres;
  Tensor distance = torch::ones({vectors.size(0)}, vectors.options());
  for (int64_t i = 0; i < k; ++i) {
    const Tensor centre = vectors[draw_index(distance)];
    centres.push_back(centre);
    const Tensor here = (vectors - centre).square().sum(1);
    distance = i == 0 ? here : torch::minimum(distance, here);
  }
  return torch::stack(centres);
}

}  // namespace

Clusters k_means(const Tensor& vectors, int64_t k) {
  expect_shape(vectors, {-1, -1}, "k_means", "vectors");
  if (vectors.size(0) == 0) throw ShapeError("k_means: there must be a vector to start from, got none");
  Tensor centre = first_centres(vectors, k), size;
  for (int round = 0; round <= kRounds; ++round) {
    const Tensor nearest = nearest_code(vectors, centre);
    size = torch::bincount(nearest, {}, k).to(vectors.scalar_type());
    if (round == kRounds) break;  // sizes belong to the centres that are returned
    const Tensor sum = torch::zeros_like(centre).index_add_(0, nearest, vectors);
    centre = torch::where(size.unsqueeze(1) > 0, sum / size.clamp_min(1).unsqueeze(1), centre);
  }
  return {centre, size};
}

}  // namespace figment
