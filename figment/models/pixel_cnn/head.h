// p(symbols of a position | outputs of the network): it holds the order of channels, the network that of positions.
// Legend: N batch, C channels, K symbols, O outputs, H W extents.
#pragma once
#include <functional>
#include <memory>
#include <span>

#include "figment/contracts/sample_options.h"
#include "figment/models/pixel_cnn/network.h"

namespace figment::pixel_cnn {

class Head : public torch::nn::Module {
 public:
  virtual int64_t outputs() const = 0;
  /// -log p of each position, in fp32 at least: outputs [N,O,H,W], symbols [N,C,H,W] -> [N,H,W] nats.
  virtual Tensor nats(const Tensor& outputs, const Tensor& symbols) const = 0;
  /// Fills in the probability, up to a factor, of each symbol of channel `earlier.size()`, given the outputs of one
  /// position and the symbols of its earlier channels. Holds a copy of the head's weights; may be called from any
  /// thread.
  using Masses =
      std::function<void(std::span<const double> outputs, std::span<const int64_t> earlier, std::span<double> mass)>;
  virtual Masses masses() const = 0;
};

/// categorical: a softmax over all K symbols of each channel. The logits of channel c get a learned row for the symbol
/// of each channel before it, so that p(r,g,b) = p(r) p(g|r) p(b|r,g).
/// logistic_mixture: see objectives/logistic_mixture.h.
/// Source   van den Oord et al. 2016, arXiv:1601.06759, Sec. 2.2 and 3.4; Salimans et al. 2017, arXiv:1701.05517
/// Differs  from the first paper, which splits every layer's channels into a red, a green and a blue part for the same
///          order
std::shared_ptr<Head> make_head(const Config&, const Alphabet&);

/// One symbol: the masses to the power 1 / temperature, among the `top_k` largest and among the fewest that hold
/// `top_p` of the whole, by inversion of their sum at `uniform` in [0,1). Temperature 0 takes the largest.
/// Changes `mass`.
/// Source   top-p: Holtzman et al. 2020, arXiv:1904.09751
int64_t drawn(std::span<double> mass, const SampleOptions&, double uniform);

}  // namespace figment::pixel_cnn
