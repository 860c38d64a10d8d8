// A small convolutional classifier, and the feature extractor that scores samples of models of the same data.
#pragma once
#include "figment/contracts/capabilities.h"
#include "figment/contracts/entry.h"
#include "figment/models/classifier/config.h"
#include "figment/nn/linear.h"

namespace figment::classifier {

/// Twice convolution, relu and max pooling; a dense layer of features; the logits of the classes. `pooled`: batch norm
/// after each convolution, and in place of the dense layer a third convolution, whose maps are averaged over the image.
/// Source   LeCun et al. 1998, doi:10.1109/5.726791 (the form, with relu and cross-entropy); batch norm: Ioffe and
///          Szegedy 2015, arXiv:1502.03167; global average pooling: Lin et al. 2014, arXiv:1312.4400, Sec. 3.2
/// Legend   N batch, K classes, F features; x [N,C,H,W] in [-1,1]
/// Throws   ConfigError where an image is smaller than 4 x 4; ShapeError for x of other extents
class Classifier final : public Model, public Classifies, public EmbedsImages {
 public:
  using Config = classifier::Config;
  Classifier(const Config&, const DataSpec&);

  std::vector<ParameterGroup> groups() override { return {{"model", parameters(), config_.optimizer}}; }
  void train_step(const Batch&, Step&) override;

  Tensor logits(const Tensor& x) override { return classes_(embed(x)); }
  /// The activations of the last layer before the logits, after relu: [N,F], never negative.
  Tensor embed(const Tensor& x) override;

 private:
  Config config_;
  PixelSpec pixels_;
  torch::nn::Conv2d first_{nullptr}, second_{nullptr}, third_{nullptr};
  torch::nn::BatchNorm2d first_norm_{nullptr}, second_norm_{nullptr}, third_norm_{nullptr};
  Linear features_{nullptr}, classes_{nullptr};
};

Entry entry();

}  // namespace figment::classifier
