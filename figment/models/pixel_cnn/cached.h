// The twins of the networks for drawing: position after position, every unit of every layer computed once for an image.
// Legend: N images, C channels, O outputs.
#pragma once
#include <functional>
#include <span>

#include "figment/models/pixel_cnn/network.h"

namespace figment::pixel_cnn {

/// One position of all images.
struct Position {
  int64_t row = 0, column = 0;
  std::span<const double> outputs = {};  ///< [N,O]: what the network says, which knows earlier positions alone
  std::span<int64_t> symbols = {};       ///< [N,C]: to be filled in
};

/// Walks over the positions in order; `decide` fills in the symbols of each. The outputs are those of the network's
/// forward on the symbols decided so far, but for rounding: 1e-5 in fp32, 1e-12 in fp64. On the CPU, in the type that
/// the network's weights have. An image's numbers do not depend on the others, to the last bit.
/// Source   Ramachandran et al. 2017, arXiv:1704.06001: what was computed for earlier positions is kept
class Walk {
 public:
  virtual ~Walk() = default;
  /// `label` [N] int64 where the network takes a class, else undefined. May be called from several threads.
  virtual void run(int64_t images, const Tensor& label, const std::function<void(const Position&)>& decide) const = 0;
};

}  // namespace figment::pixel_cnn
