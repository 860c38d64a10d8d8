#include "figment/evaluation/nearest_images.h"

#include <limits>

#include "figment/evaluation/feature_distances.h"

namespace figment {

void NearestImages::pass(const Tensor& rows, const Tensor& images) {
  const auto [distance, index] = nearest_neighbours(queries_, rows);
  if (!distance_.defined()) distance_ = torch::full_like(distance, std::numeric_limits<float>::infinity());
  const Tensor nearer = distance < distance_, found = images.index_select(0, index);
  images_ = images_.defined() ? torch::where(nearer.view({-1, 1, 1, 1}), found, images_) : found;
  distance_ = torch::minimum(distance, distance_);
}

}  // namespace figment
