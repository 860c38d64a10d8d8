#include "figment/nn/dense.h"

#include "figment/nn/linear.h"

namespace figment {

DenseTrunkImpl::DenseTrunkImpl(int64_t inputs, const std::vector<int64_t>& hidden, DenseKind kind)
    : kind_(kind), features_(inputs) {
  for (const int64_t width : hidden) {
    Linear layer(features_, kind == DenseKind::kGated ? 2 * width : width);
    if (kind == DenseKind::kGated) torch::nn::init::kaiming_normal_(layer->weight);
    layers_->push_back(layer);
    features_ = width;
  }
  register_module("layers", layers_);
}

Tensor DenseTrunkImpl::forward(Tensor x) {
  for (const auto& layer : *layers_) {
    x = layer->as<LinearImpl>()->forward(x);
    x = kind_ == DenseKind::kGated ? torch::glu(x, 1) : torch::relu(x);
  }
  return x;
}

}  // namespace figment
