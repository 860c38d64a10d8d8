// How far generated images are from real ones, in the space of a network's features.
// Legend: N real, M generated images, F features, K classes.
#pragma once
#include <torch/torch.h>

#include <optional>

namespace figment {

using torch::Tensor;

/// |mu_r - mu_g|^2 + tr S_r + tr S_g - 2 tr (S_r S_g)^(1/2), of the means and covariances (divided by N - 1) of
/// features. The last trace is the sum of the roots of the eigenvalues of R^T S_g R, where R R^T = S_r: no root of a
/// product that is not symmetric, no complex number, nothing added to the diagonal.
///
/// Source     Heusel et al. 2017, arXiv:1706.08500, Eq. 6
/// Input      real [N,F], generated [M,F], any float type
/// Output     not negative but for rounding; its bias is about c / N, so only distances of equal counts compare
/// Precision  double, but for what `gaussian_of` says
/// Throws     ShapeError for other shapes or fewer than two images
double frechet_distance(const Tensor& real, const Tensor& generated);

/// Standard deviation of frechet_distance over ten bootstrap resamples of the generated and of the real images: how far
/// the figure would move with other images of both kinds. It does not cover the bias.
/// Source   Efron 1979, Ann. Statist. 7(1)
double frechet_spread(const Tensor& real, const Tensor& generated, int64_t seed);

struct KernelDistance {
  double mean = 0;
  std::optional<double> deviation = {};  ///< over the subsets; none where there is one subset
};
/// Squared maximum mean discrepancy with the kernel (a b / F + 1)^3, unbiased, so it may be negative: mean over 100
/// subsets of 1,000 images and their deviation. Where neither side has more than a subset holds, it is that of all
/// images.
/// Source   Binkowski et al. 2018, arXiv:1801.01401, Sec. 4
KernelDistance kernel_distance(const Tensor& real, const Tensor& generated, int64_t seed);

struct Score {
  double mean = 0, deviation = 0;
};
/// exp(mean KL(p(y|x) || p(y))) over ten parts, of the probabilities that a classifier gives to generated images [M,K]:
/// K at most, where each image is surely of one class and all classes are alike. The deviation is
/// that of the parts.
/// Source   Salimans et al. 2016, arXiv:1606.03498, Sec. 4
Score inception_score(const Tensor& probabilities);

/// Means over images, and their standard errors: deviation of what is averaged, over the root of how many.
struct Manifolds {
  Score precision, recall, density, coverage;
};
/// Whether images lie in the balls around images of the other set, each as wide as the distance to its k-th neighbour
/// in its own set.
///   precision   share of generated images inside a ball of a real one
///   recall      share of real images inside a ball of a generated one
///   density     number of real balls that a generated image lies in, over k: may exceed 1
///   coverage    share of real balls that hold a generated image
/// A ball includes its edge. What is near is decided in double (close_pairs.h), so the result is that of all distances
/// in double; memory grows with N + M, not with their product.
/// Source   Kynkaanniemi et al. 2019, arXiv:1904.06991, Eq. 1 to 2 (k = 3);
///          Naeem et al. 2020, arXiv:2002.09797, Eq. 4 to 5 (k = 5)
Manifolds manifolds(const Tensor& real, const Tensor& generated, int64_t k_precision = 3, int64_t k_density = 5);

struct Neighbours {
  Tensor distance;  ///< [M] to the nearest
  Tensor index;     ///< [M] int64: which
};
/// For each row of x the nearest row of `among`, by Euclidean distance; the first of equally near ones.
Neighbours nearest_neighbours(const Tensor& x, const Tensor& among);

}  // namespace figment
