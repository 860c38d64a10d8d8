// What a comparison of drawn images with real ones needs of all training images.
#pragma once
#include "figment/evaluation/frechet_panel.h"

namespace figment {

/// The widest row of a sheet of images.
inline constexpr int64_t kSheetColumns = 16;

struct TrainingImages {
  Tensor features = {};  ///< [N,F] of all training images
  /// Sets of as many as are measured, at random and without an image in common: as many sets as there are images for,
  /// at most five. None where there are fewer, or where the measured images are among them.
  std::vector<PanelFeatures> floors = {};
  PrincipalComponents components = {};
};

/// Reads them once. Adds the picture "neighbours": the images `shown`, which are the first of `drawn_features` [M,F],
/// above the training images nearest to them.
TrainingImages read_training_images(const Subject&, const Tensor& drawn_features, const Tensor& shown, Evaluation&);

}  // namespace figment
