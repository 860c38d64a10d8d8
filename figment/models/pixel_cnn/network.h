// The two networks of PixelCNN: what they say at a position depends on earlier positions alone, row by row, left to
// right. No loss here.
// Legend: N batch, C channels of the image, I inputs, F width, O outputs, H W extents.
#pragma once
#include <memory>

#include "figment/contracts/spec.h"
#include "figment/models/pixel_cnn/config.h"
#include "figment/tensor/tensors.h"

namespace figment::pixel_cnn {

class Walk;  // cached.h

/// What a position holds: levels of its pixel's channels, or one code.
struct Alphabet {
  int64_t channels = 1, symbols = 256, height = 0, width = 0;
  bool codes = false;
};
Alphabet alphabet_of(const DataSpec&);

/// What both networks share: symbols in, and the last layers.
class Network : public torch::nn::Module {
 public:
  Network(const Config&, const Alphabet&, int64_t features, int64_t outputs);

  /// symbols [N,C,H,W] int64 -> [N,I,H,W]. Pixels are numbers in [-1,1] beside a plane of ones, which tells black from
  /// what lies outside. Codes are names: each has a learned vector, and none is a number.
  Tensor embedded(const Tensor& symbols);
  /// [N,I,H,W], and the classes [N] int64 where it was made with some -> [N,O,H,W]. Position i of the output depends on
  /// positions before i of the input.
  virtual Tensor forward(const Tensor& input, const Tensor& label) = 0;
  /// The twin that draws, with a copy of the weights.
  virtual std::shared_ptr<const Walk> walk() const = 0;

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
///          for each place (the paper's s of Sec. 2.3 with the place as the condition); kernels have the shape that the
///          masks would leave, so none is multiplied by zero.
class GatedImpl : public Network {
 public:
  GatedImpl(const Config&, const Alphabet&, int64_t classes, int64_t outputs);
  Tensor forward(const Tensor& input, const Tensor& label) override;
  std::shared_ptr<const Walk> walk() const override;

  struct LayerImpl : torch::nn::Module {
    LayerImpl(int64_t inputs, int64_t width, int64_t kernel, bool first, bool last, int64_t classes);
    torch::nn::Conv2d above{nullptr};   ///< rows above; later layers: and their own row of what knows rows above alone
    torch::nn::Conv2d left{nullptr};    ///< what is left in the row; later layers: and their own place
    torch::nn::Conv2d link{nullptr};    ///< 1x1: what is above, for the horizontal stack
    torch::nn::Conv2d skip{nullptr};    ///< 1x1: to the output
    torch::nn::Conv2d across{nullptr};  ///< 1x1: to the next layer; the last one has none
    torch::nn::Embedding of_class{nullptr};  ///< of both gates: [4F]
  };
  TORCH_MODULE(Layer);

  torch::nn::ModuleList layers;
  Tensor places;  ///< [4F,H,W]: first layer's biases
};
TORCH_MODULE(Gated);

/// The convolution that a mask makes of one with a side x side kernel: what is above, and what is left in the row. Mask
/// A hides the place itself, mask B shows it. [N,I,H,W] -> [N,outputs,H,W]
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

/// The first PixelCNN: one stack. It never sees a part of what lies above to the right (the blind spot).
/// Source   van den Oord et al. 2016, arXiv:1601.06759, Sec. 3.2 to 3.5, Table 1; classes: arXiv:1606.05328, Sec. 2.3
/// Throws   ConfigError for an even kernel
/// Differs  the biases of the first layer are learned for each place
class MaskedImpl : public Network {
 public:
  MaskedImpl(const Config&, const Alphabet&, int64_t classes, int64_t outputs);
  Tensor forward(const Tensor& input, const Tensor& label) override;
  std::shared_ptr<const Walk> walk() const override;

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
