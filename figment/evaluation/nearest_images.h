#pragma once
#include <torch/torch.h>

namespace figment {

using torch::Tensor;

/// For each query the nearest of all images given to pass(), batch by batch: only the nearest ones are held in memory.
class NearestImages {
 public:
  /// queries [Q,F]: features or pixels.
  explicit NearestImages(Tensor queries) : queries_(std::move(queries)) {}
  /// rows [N,F] of images [N,C,H,W], both on the CPU.
  void pass(const Tensor& rows, const Tensor& images);
  /// [Q,C,H,W]; of equally near ones the first that was passed.
  const Tensor& images() const { return images_; }

 private:
  Tensor queries_, distance_, images_;
};

}  // namespace figment
