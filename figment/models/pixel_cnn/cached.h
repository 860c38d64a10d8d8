// The networks position after position, for sampling: every unit of every layer is computed once for each image.
// Legend: N images, C channels, O outputs.
#pragma once
#include <functional>
#include <span>

#include "figment/models/pixel_cnn/network.h"

namespace figment::pixel_cnn {

/// One position of all images.
struct Position {
  int64_t row = 0, column = 0;
  std::span<const double> outputs = {};  ///< [N,O]: the network's outputs, which depend on earlier positions alone
  std::span<int64_t> symbols = {};       ///< [N,C]: to be filled in
};

/// Goes through the positions in raster order; `decide` fills in the symbols of each. The outputs equal those of the
/// network's `forward` on the symbols so far up to rounding: 1e-5 in fp32, 1e-12 in fp64. It computes on the CPU, in
/// the type of the network's weights. The outputs of an image do not depend on the other images, to the last bit.
/// Source   Ramachandran et al. 2017, arXiv:1704.06001: what was computed for earlier positions is kept
class CachedNetwork {
 public:
  virtual ~CachedNetwork() = default;
  /// `label` [N] int64 where the network takes a class, else undefined. May be called from several threads.
  virtual void run(int64_t images, const Tensor& label, const std::function<void(const Position&)>& decide) const = 0;
};

}  // namespace figment::pixel_cnn
