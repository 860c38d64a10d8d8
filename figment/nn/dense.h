// Fully connected trunks.
// Legend: N batch, I inputs, F features.
#pragma once
#include <vector>

#include "figment/tensor/tensors.h"

namespace figment {

enum class DenseKind { kPlain, kGated };

/// Hidden layers one after the other.
/// plain: relu(W x + b). gated: (W x + b) * sigmoid(V x + c), both products in one matrix.
/// Source   gated: van den Oord et al. 2016, arXiv:1606.05328; in VAEs: Tomczak and Welling 2018, arXiv:1705.07120
/// Input    [N,I]
/// Output   [N,F], F the last of `hidden`; without hidden layers the input itself
class DenseTrunkImpl : public torch::nn::Module {
 public:
  DenseTrunkImpl(int64_t inputs, const std::vector<int64_t>& hidden, DenseKind kind);
  Tensor forward(Tensor x);
  int64_t features() const { return features_; }

 private:
  DenseKind kind_;
  int64_t features_;
  torch::nn::ModuleList layers_;
};
TORCH_MODULE(DenseTrunk);

}  // namespace figment
