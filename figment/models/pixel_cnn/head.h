// p(symbols of a position | outputs of the network). The head orders the channels, the network orders the positions.
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
  /// -log p of each position, at least fp32: outputs [N,O,H,W], symbols [N,C,H,W] -> [N,H,W] nats.
  virtual Tensor nats(const Tensor& outputs, const Tensor& symbols) const = 0;
  /// Fills in the unnormalised probability of each symbol of channel `earlier.size()`, given the outputs of one
  /// position and the symbols of its earlier channels. Holds a copy of the head's weights; may be called from any
  /// thread.
  using Probabilities = std::function<void(std::span<const double> outputs, std::span<const int64_t> earlier,
                                           std::span<double> probability)>;
  virtual Probabilities probabilities() const = 0;
};

/// categorical: a softmax over all K symbols of each channel. The logits of channel c get a learned row for the symbol
/// of each channel before it, so that p(r,g,b) = p(r) p(g|r) p(b|r,g).
/// logistic_mixture: see objectives/logistic_mixture.h.
/// Source   van den Oord et al. 2016, arXiv:1601.06759, Sec. 2.2 and 3.4; Salimans et al. 2017, arXiv:1701.05517
/// Throws   ConfigError where `mixtures` is set and the data holds codes
/// Differs  from the first paper, which splits every layer's channels into a red, a green and a blue part for the same
///          order
std::shared_ptr<Head> make_head(const Config&, const Alphabet&);

/// Samples one symbol from unnormalised probabilities: raised to the power 1 / temperature, restricted to the `top_k`
/// largest (top-k) and to the fewest whose sum reaches `top_p` of the whole (top-p, nucleus), by inversion of the
/// cumulative sum at `uniform` in [0,1). Temperature 0 returns the most probable symbol. Changes `probability`.
/// Source   top-p: Holtzman et al. 2020, arXiv:1904.09751
int64_t draw_symbol(std::span<double> probability, const SampleOptions&, double uniform);

}  // namespace figment::pixel_cnn
