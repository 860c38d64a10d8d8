// A small convolutional classifier: judge and feature extractor of everything that draws images of its data.
#pragma once
#include "figment/contracts/capabilities.h"
#include "figment/contracts/entry.h"
#include "figment/models/classifier/config.h"
#include "figment/nn/linear.h"

namespace figment::classifier {

/// Convolution, relu, halving by maxima, twice; a layer of features; the classes.
/// Source   LeCun et al. 1998, doi:10.1109/5.726791 (the form, with relu and cross-entropy)
/// Legend   N batch, K classes, F features; x [N,C,H,W] in [-1,1]
/// Throws   ConfigError where an image is smaller than 4 x 4; ShapeError for x of other extents
class Classifier final : public Model, public Classifies, public EmbedsImages {
 public:
  using Config = classifier::Config;
  Classifier(const Config&, const DataSpec&);

  std::vector<ParameterGroup> groups() override { return {{"model", parameters(), config_.optimizer}}; }
  void train_step(const Batch&, Step&) override;

  Tensor logits(const Tensor& x) override { return classes_(embed(x)); }
  /// What lies before the classes, relu included: [N,F], never negative.
  Tensor embed(const Tensor& x) override;

 private:
  Config config_;
  PixelSpec pixels_;
  torch::nn::Conv2d first_{nullptr}, second_{nullptr};
  Linear features_{nullptr}, classes_{nullptr};
};

Entry entry();

}  // namespace figment::classifier
