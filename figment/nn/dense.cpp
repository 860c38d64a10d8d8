#include "figment/nn/dense.h"

namespace figment {

DenseTrunkImpl::DenseTrunkImpl(int64_t inputs, const std::vector<int64_t>& hidden, DenseKind kind)
    : kind_(kind), features_(inputs) {
  for (const int64_t width : hidden) {
    layers_->push_back(torch::nn::Linear(features_, kind == DenseKind::kGated ? 2 * width : width));
    features_ = width;
  }
  register_module("layers", layers_);
}

Tensor DenseTrunkImpl::forward(Tensor x) {
  for (const auto& layer : *layers_) {
    x = layer->as<torch::nn::LinearImpl>()->forward(x);
    x = kind_ == DenseKind::kGated ? torch::glu(x, 1) : torch::relu(x);
  }
  return x;
}

}  // namespace figment
