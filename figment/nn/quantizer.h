// Vectors to codes and back.
// Legend: N images, h w extents of the grid, D size of a code, K codes.
#pragma once
#include <memory>

#include "figment/contracts/model.h"
#include "figment/nn/quantizer_options.h"
#include "figment/tensor/tensors.h"

namespace figment {

struct Quantized {
  Tensor quantized;  ///< [N,D,h,w]: the codes' vectors; a gradient passes on to z as the estimator says
  Tensor code;       ///< [N,h,w] int64 in [0,K)
  LossTerms losses;  ///< with their weights; none where nothing pulls
};

/// A layer that writes each vector of a map as one of K. `forward` changes nothing, in either mode. What moves
/// a codebook is said apart: `count` in the objective (once for each micro-batch), `follow` after the optimizer's step.
/// Both do nothing in eval mode, so that nobody moves a codebook while extracting codes.
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
  /// Each code's row of a table [K,M]: [N,M,h,w]. Throws as well.
  Tensor lookup(const Tensor& code, const Tensor& table) const;
  /// Every code's vector: [K,D].
  virtual Tensor vectors() = 0;

  /// z as it is before a code takes its place: of the range that codes have. [N,D,h,w]
  virtual Tensor relaxed(const Tensor& z) const { return z; }
  /// Starts the codebook from the data, before training.
  virtual void start_from(const Tensor& /*z*/) {}
  virtual void count(const Tensor& z, const Tensor& code);
  /// `revive`: dead codes start again, where the options say so.
  virtual void follow(bool revive);

  /// Of training, over a window that forgets half of itself every 20,000 images: the share of codes in use, and
  /// exp(-sum p log p), the number of codes that would carry as much if all were used alike.
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
