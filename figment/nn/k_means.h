// k-means clustering.
// Legend: M vectors, K clusters, D dimensions.
#pragma once
#include "figment/tensor/tensors.h"

namespace figment {

struct Clusters {
  Tensor centre;  ///< [K,D]
  Tensor size;    ///< [K] float, vectors that are nearest to each centre
};

/// k-means++ initialization (the next centre is a vector drawn with probability proportional to its squared distance
/// from the nearest centre so far), then ten Lloyd iterations. A centre without vectors stays where it is. Draws from
/// the default generator of the CPU.
/// Source   Arthur and Vassilvitskii 2007, k-means++: the advantages of careful seeding; Lloyd 1982
/// Input    vectors [M,D], M >= 1 and any K: where there are fewer vectors than clusters, some are drawn more than once
Clusters k_means(const Tensor& vectors, int64_t k);

}  // namespace figment
