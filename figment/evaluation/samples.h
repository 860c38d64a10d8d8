// How images that a model draws compare with real ones, by the features of a frozen network.
#pragma once
#include "figment/evaluation/subject.h"

namespace figment {

/// Of n drawn images, rounded to the levels that a file would hold, against as many real ones:
///   frechet_distance…  the rows of `measure_frechet`, and frechet_distance_blurred, of the real ones blurred by half a
///                      pixel, to see how sensitive the first extractor is
///   kernel_distance, precision, recall, density, coverage
///   sharpness          variance of the Laplacian of the grey image on [0,1], mean over images; sharpness_real
///   nearest_training_distance
///                      median distance to the nearest training image, in features; nearest_training_distance_real
///   inception_score, inception_score_real, class_share_min (the smallest share that a class has among the drawn), and,
///                      where the model is given a class, class_accuracy: if the network names classes
/// Beside each figure stands its standard error, but beside the kernel distance and the Inception score the deviation
/// of their subsets, if they differ. Histograms "sharpness" and "nearest_training_distance"; a picture "neighbours" of
/// drawn images above the training images nearest to them, which is why all training images are read, however small n
/// is. Left out, with a sentence, where there is no network, or no more images than features; a warning where there are
/// few.
void measure_samples(const Subject&, Evaluation&);

/// Of n real, n drawn and n blurred images and all training images; what a second extractor sees is not counted.
double passes_of_samples(const Subject&);

}  // namespace figment
