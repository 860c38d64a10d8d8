// Vectors to codes and back.
// Legend: N images, h w extents of the grid, D size of a code, K codes.
#pragma once
#include <memory>

#include "figment/contracts/model.h"
#include "figment/nn/quantizer_options.h"
#include "figment/tensor/tensors.h"

namespace figment {

struct Quantized {
  Tensor quantized;  ///< [N,D,h,w]: the codes' vectors; their gradient reaches z by the estimator
  Tensor code;       ///< [N,h,w] int64 in [0,K)
  LossTerms losses;  ///< with their weights; empty for finite scalars
};

/// A layer that replaces each vector of a feature map by one of K codes. `forward` changes no state, in either mode.
/// The codebook is updated by separate calls: `count` in the objective (once for each micro-batch) and `follow` after
/// the optimizer's step. Both do nothing in eval mode, so that extracting codes never changes a codebook.
class Quantizer : public torch::nn::Module {
 public:
  Quantizer(int64_t num_codes, int64_t size);
  int64_t num_codes() const { return num_codes_; }
  int64_t size() const { return size_; }

  /// z [N,D,h,w], any range and precision. Throws ShapeError.
  virtual Quantized forward(const Tensor& z) = 0;
  /// [N,h,w] int64 -> [N,D,h,w]: what `forward` gives for these codes, to the last bit.
  /// Throws ShapeError, and DataError for a code outside [0,K).
  Tensor lookup(const Tensor& code) { return lookup(code, vectors()); }
  /// Each code's row of a table [K,M]: [N,M,h,w]. Throws the same.
  Tensor lookup(const Tensor& code, const Tensor& table) const;
  /// Every code's vector: [K,D].
  virtual Tensor vectors() = 0;

  /// z before quantization, in the range of the codes: [N,D,h,w]
  virtual Tensor relaxed(const Tensor& z) const { return z; }
  /// Initializes the codebook from the data, before training.
  virtual void start_from(const Tensor& /*z*/) {}
  virtual void count(const Tensor& z, const Tensor& code);
  /// `revive`: dead codes are moved to vectors of the batch, where the options say so.
  virtual void follow(bool revive);

  /// Over a window of the training whose weights halve every 20,000 images: the share of codes in use, and the
  /// perplexity exp(-sum p log p), the number of equally frequent codes that would carry as much information.
  Tensor usage() const;
  Tensor perplexity() const;

 private:
  int64_t num_codes_, size_;
  Tensor uses_;       // [K], of the window
  Tensor step_uses_;  // [K], of this step
  int64_t step_images_ = 0;
};

/// Throws ConfigError.
std::shared_ptr<Quantizer> make_quantizer(const QuantizerOptions&);

}  // namespace figment
