// Judging what a model draws, by the features of a frozen network.
#pragma once
#include <functional>
#include <string>

#include "figment/contracts/capabilities.h"
#include "figment/evaluation/evaluation.h"

namespace figment {

struct SamplesSubject {
  using EachBatch = std::function<void(const std::function<void(const Batch&)>&)>;
  std::function<Tensor(int64_t first, int64_t count)> draw;  ///< images of these numbers, [count,C,H,W] in [-1,1]
  Tensor classes = {};                                       ///< [n] int64 that the images were drawn for, or undefined
  EachBatch real, train;  ///< real images to compare with; those that were learned from
  EmbedsImages& judge;
  Classifies* classifier = nullptr;  ///< the judge, where it names classes
  std::string judge_name;            ///< "classifier, weights 1a2b3c4d": stands beside each figure
  std::string split;
  int64_t n = 0, seed = 0;
  std::function<void(int64_t images)> judged;  ///< so many more have passed the judge, of n real, n blurred, n drawn
                                               ///< and all that were learned from; may throw to cancel
};

/// Of n drawn images, rounded to the levels that a file would hold, against as many real ones:
///   frechet_distance   and, as a ruler of the same network, frechet_distance_train (images that were learned from) and
///                      frechet_distance_blurred (the real ones, blurred by half a pixel)
///   kernel_distance, precision, recall, density, coverage
///   sharpness          variance of the Laplacian of the grey image in [0,1], mean over images; sharpness_real
///   nearest_training_distance
///                      median distance to the nearest training image, in features; nearest_training_distance_real
/// and where the judge names classes inception_score, inception_score_real, class_share_min (the smallest share that a
/// class has among the drawn) and, where they were drawn for classes, class_accuracy. Beside each its standard error,
/// but of the kernel distance and the Inception score the deviation of their subsets. Histograms of sharpness and
/// nearest_training_distance, and a picture "neighbours": drawn images above the training images nearest to them. Left
/// out, with a sentence, where there are fewer images than features; a warning where there are few.
void measure_samples(const SamplesSubject&, Evaluation&);

/// Variance of the Laplacian, over the pixels that have four neighbours: [N,C,H,W] in [-1,1] -> [N].
Tensor sharpness(const Tensor& images);

/// By a Gaussian of this deviation in pixels; the edge goes on as it ends.
Tensor blurred(const Tensor& images, double deviation);

}  // namespace figment
