#include "figment/evaluation/principal_pixels.h"

#include <algorithm>
#include <cmath>

#include "figment/base/error.h"
#include "figment/tensor/shapes.h"

namespace figment {
namespace {

constexpr int64_t kMostValues = 1024;  // of a picture

}  // namespace

Tensor pixel_rows(const Tensor& images) {
  expect_shape(images, {-1, -1, -1, -1}, "pixel_rows", "images");
  const int64_t channels = images.size(1), height = images.size(2), width = images.size(3);
  Tensor x = images.to(torch::kFloat);
  if (channels * height * width > kMostValues) {
    const auto side = int64_t(std::sqrt(double(kMostValues) / double(channels)));
    x = torch::adaptive_avg_pool2d(x, {std::min(side, height), std::min(side, width)});
  }
  return x.flatten(1).cpu();
}

void PrincipalComponents::add(const Tensor& rows) {
  const Tensor x = rows.to(torch::kFloat64);
  if (count_ == 0) {
    centre_ = x.mean(0);
    sum_ = torch::zeros({x.size(1)}, torch::kFloat64);
    products_ = torch::zeros({x.size(1), x.size(1)}, torch::kFloat64);
  }
  const Tensor centred = x - centre_;
  sum_ += centred.sum(0);
  products_.addmm_(centred.t(), centred);
  count_ += x.size(0);
}

Tensor PrincipalComponents::directions(int64_t count) const {
  if (count_ < 2) throw ShapeError("principal components: two pictures are needed");
  const Tensor covariance = (products_ - sum_.outer(sum_) / double(count_)) / double(count_ - 1);
  const Tensor vectors = std::get<1>(torch::linalg_eigh(covariance));  // ascending
  const int64_t kept = std::min(count, vectors.size(1));
  return vectors.narrow(1, vectors.size(1) - kept, kept);
}

}  // namespace figment
