// The feature extractor of colour images: Inception-v3, from a file that tools/inception writes.
#pragma once
#include <string>
#include <vector>

#include "figment/checkpoint/safetensors.h"
#include "figment/contracts/capabilities.h"

namespace figment {

/// The last features before the classes, averaged over the image. Grey images are repeated in three channels. Every
/// image is brought to 299 x 299 by a triangle filter (antialias): bilinear where it grows, a mean over what a pixel
/// covers where it shrinks.
///
/// Source   Szegedy et al. 2016, arXiv:1512.00567, Sec. 6, in the form that Keras gives it
/// Input    [N,1,H,W] or [N,3,H,W] in [-1,1] of any extents
/// Output   [N,2048], not negative
/// Throws   ShapeError for other channels
class Inception final : public EmbedsImages {
 public:
  /// Throws CheckpointError, `where: …`, that names every tensor which is missing, too many or of another shape, where
  /// values are no finite numbers, and where the metadata has no `name`.
  Inception(const TensorFile&, std::string_view where, torch::Device = torch::kCPU);
  Tensor embed(const Tensor& x) override;
  const std::string& name() const { return name_; }  ///< "nsfwjs-inception u8, bilinear 299": weights and resizer

 private:
  struct Layer {
    Tensor weight, bias;
  };
  std::string name_;
  std::vector<Layer> layers_;
};

/// The tensors that the file must hold, by name; their values mean nothing.
TensorMap inception_tensors();

}  // namespace figment
