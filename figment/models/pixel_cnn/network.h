// The two networks of PixelCNN: the output at a position depends on earlier positions alone, in raster order (row by
// row, left to right). No loss here.
// Legend: N batch, C channels of the image, I inputs, F width, O outputs, H W extents.
#pragma once
#include <memory>

#include "figment/contracts/spec.h"
#include "figment/models/pixel_cnn/config.h"
#include "figment/tensor/tensors.h"

namespace figment::pixel_cnn {

class CachedNetwork;  // cached.h

/// What a position holds: levels of its pixel's channels, or one code.
struct Alphabet {
  int64_t channels = 1, symbols = 256, height = 0, width = 0;
  bool codes = false;
};
Alphabet alphabet_of(const DataSpec&);  ///< throws DataError where the data holds neither pixels nor codes

/// What both networks share: symbols in, and the last layers.
class Network : public torch::nn::Module {
 public:
  Network(const Config&, const Alphabet&, int64_t features, int64_t outputs);

  /// symbols [N,C,H,W] int64 -> [N,I,H,W]. Pixels become values in [-1,1] and a plane of ones, by which the network can
  /// distinguish black from the padding. Codes are categorical: each has a learned embedding, its index is never used
  /// as a value.
  Tensor embedded(const Tensor& symbols);
  /// [N,I,H,W], and the classes [N] int64 of a class-conditional network -> [N,O,H,W]. Position i of the output depends
  /// on positions before i of the input.
  virtual Tensor forward(const Tensor& input, const Tensor& label) = 0;
  /// The network for sampling, with a copy of the weights.
  virtual std::shared_ptr<const CachedNetwork> cached() const = 0;

  const Alphabet& alphabet() const { return alphabet_; }
  int64_t inputs() const { return alphabet_.codes ? embedding->options.embedding_dim() : alphabet_.channels + 1; }

  torch::nn::Embedding embedding{nullptr};          ///< of codes
  torch::nn::Conv2d hidden{nullptr}, out{nullptr};  ///< 1x1

 protected:
  Tensor head(const Tensor& features) { return out(torch::relu(hidden(torch::relu(features)))); }

 private:
  Alphabet alphabet_;
};

/// Gated PixelCNN.
/// Source   van den Oord et al. 2016, arXiv:1606.05328, Sec. 2.1 to 2.3, Fig. 2
/// Throws   ConfigError for an even kernel
/// Differs  the output comes from the sum of a skip connection of each layer; the biases of the first layer are learned
///          for each place (the paper's s of Sec. 2.3 with the place as the condition); kernels contain the
///          unmasked weights alone, so that no multiplication by zero is computed.
class GatedImpl : public Network {
 public:
  GatedImpl(const Config&, const Alphabet&, int64_t classes, int64_t outputs);
  Tensor forward(const Tensor& input, const Tensor& label) override;
  std::shared_ptr<const CachedNetwork> cached() const override;

  struct LayerImpl : torch::nn::Module {
    LayerImpl(int64_t inputs, int64_t width, int64_t kernel, bool first, bool last, int64_t classes);
    torch::nn::Conv2d above{nullptr};        ///< rows above; from layer 2 also its own row of vertical-stack features
    torch::nn::Conv2d left{nullptr};         ///< positions to the left in the row; from layer 2 also its own position
    torch::nn::Conv2d link{nullptr};         ///< 1x1: from the vertical to the horizontal stack
    torch::nn::Conv2d skip{nullptr};         ///< 1x1: to the output
    torch::nn::Conv2d across{nullptr};       ///< 1x1: to the next layer; the last one has none
    torch::nn::Embedding of_class{nullptr};  ///< class biases of both gates: [4F]
  };
  TORCH_MODULE(Layer);

  torch::nn::ModuleList layers;
  Tensor places;  ///< [4F,H,W]: first layer's biases
};
TORCH_MODULE(Gated);

/// A masked convolution with a side x side kernel: it reads the rows above and what is to the left in the row. Mask A
/// hides the position itself, mask B does not. [N,I,H,W] -> [N,outputs,H,W]
/// Source   arXiv:1601.06759, Sec. 3.4
struct MaskedConvImpl : torch::nn::Module {
  enum class Mask { kA, kB };
  MaskedConvImpl(int64_t inputs, int64_t outputs, int64_t side, Mask, int64_t classes);
  Tensor forward(const Tensor& x, const Tensor& label);

  int64_t half;
  torch::nn::Conv2d above{nullptr}, left{nullptr};
  torch::nn::Embedding of_class{nullptr};  ///< [outputs], where there are classes
};
TORCH_MODULE(MaskedConv);

/// The original PixelCNN: one stack. A part of what lies above to the right is not in its receptive field (the blind
/// spot).
/// Source   van den Oord et al. 2016, arXiv:1601.06759, Sec. 3.2 to 3.5, Table 1; classes: arXiv:1606.05328, Sec. 2.3
/// Throws   ConfigError for an even kernel
/// Differs  the biases of the first layer are learned for each place
class MaskedImpl : public Network {
 public:
  MaskedImpl(const Config&, const Alphabet&, int64_t classes, int64_t outputs);
  Tensor forward(const Tensor& input, const Tensor& label) override;
  std::shared_ptr<const CachedNetwork> cached() const override;

  struct BlockImpl : torch::nn::Module {  ///< x + wide(relu(masked(relu(narrow(relu x)))))
    BlockImpl(int64_t width, int64_t kernel, int64_t classes);
    Tensor forward(const Tensor& x, const Tensor& label);
    torch::nn::Conv2d narrow{nullptr}, wide{nullptr};
    MaskedConv masked{nullptr};
  };
  TORCH_MODULE(Block);

  MaskedConv first{nullptr};
  torch::nn::ModuleList blocks;
  Tensor places;  ///< [2F,H,W]: first layer's biases
};
TORCH_MODULE(Masked);

}  // namespace figment::pixel_cnn
