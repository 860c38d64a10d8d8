// Centres of a cloud of vectors.
// Legend: M vectors, K clusters, D numbers of each.
#pragma once
#include "figment/tensor/tensors.h"

namespace figment {

struct Clusters {
  Tensor centre;  ///< [K,D]
  Tensor size;    ///< [K] float, vectors that are nearest to each centre
};

/// First centres far from each other (a vector is drawn with the probability of its squared distance to the nearest one
/// so far), then ten rounds of: each vector to its nearest centre, each centre to the mean of its vectors. A centre
/// without vectors stays where it is. Draws from the default generator of the CPU.
/// Source   Arthur and Vassilvitskii 2007, k-means++: the advantages of careful seeding; Lloyd 1982
/// Input    vectors [M,D], M >= 1 and any K: of fewer vectors than clusters some are drawn more than once
Clusters k_means(const Tensor& vectors, int64_t k);

}  // namespace figment
