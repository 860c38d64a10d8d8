// The Fréchet distance by three feature extractors, each beside what training pictures have: one extractor alone may
// flatter.
#pragma once
#include <vector>

#include "figment/evaluation/principal_pixels.h"
#include "figment/evaluation/subject.h"

namespace figment {

/// What the panel sees of a set of images. It grows batch by batch.
class PanelFeatures {
 public:
  explicit PanelFeatures(const Subject& subject) : subject_(subject) {}
  /// `first`: their features by the first extractor.
  void add(const Tensor& images, const Tensor& first);

  Tensor first() const { return torch::cat(first_); }    ///< [N,F]
  Tensor second() const { return torch::cat(second_); }  ///< [N,F]; there must be a second extractor
  Tensor pixels() const { return torch::cat(pixels_); }  ///< [N,D]

 private:
  const Subject& subject_;
  std::vector<Tensor> first_, second_, pixels_;
};

/// Features of images by an extractor: [N,F] fp32 on the CPU.
Tensor features_of(const FeatureExtractor&, const Tensor& images);

/// Of drawn images against as many real ones, with the standard error of each figure; `floors`: sets of as many
/// training images, none where there are not enough or where the measured images are among them.
///   frechet_distance              real to drawn
///   frechet_distance_floor        real to `floors`, the mean: what a model has whose images are as good as new
///                                 photographs. Its error is that of the mean over the sets
///   frechet_distance_times_floor  the first over the second: 1 is best. It has no scale of its own, so it is what
///                                 READMEs and `compare` lead with. Its error takes both as independent
/// in the features of the extractor that chose the run's checkpoint, if one did; the same with `_second`, by another
/// extractor, which chose nothing; the same with `_pixels`, of pixels in the 64 principal components of all training
/// images. What cannot be measured is left out with a sentence.
/// Source   Heusel et al. 2017, arXiv:1706.08500, Eq. 6
void measure_frechet(const Subject&, const PanelFeatures& real, const PanelFeatures& drawn,
                     const std::vector<PanelFeatures>& floors, const PrincipalComponents& of_training, Evaluation&);

}  // namespace figment
