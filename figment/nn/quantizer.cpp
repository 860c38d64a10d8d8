#include "figment/nn/quantizer.h"

#include <fmt/format.h>

#include <cmath>

#include "figment/base/error.h"
#include "figment/nn/finite_scalar_quantizer.h"
#include "figment/nn/vector_quantizer.h"
#include "figment/tensor/world.h"

namespace figment {
namespace {
constexpr double kWindowHalfLife = 20000;  // images
}

Quantizer::Quantizer(int64_t num_codes, int64_t size) : num_codes_(num_codes), size_(size) {
  uses_ = register_buffer("uses", torch::zeros({num_codes}));
}

Tensor Quantizer::lookup(const Tensor& code, const Tensor& table) const {
  expect_shape(code, {-1, -1, -1}, "Quantizer::lookup", "code");
  if (code.numel() > 0) {
    const auto least = code.min().item<int64_t>(), most = code.max().item<int64_t>();
    if (least < 0 || most >= num_codes_)
      throw DataError(
          fmt::format("Quantizer::lookup: codes must lie in 0 … {}, got {} … {}; were they made by another "
                      "model?",
                      num_codes_ - 1, least, most));
  }
  const Tensor rows = table.index_select(0, code.flatten());
  return rows.view({code.size(0), code.size(1), code.size(2), table.size(1)}).permute({0, 3, 1, 2});
}

void Quantizer::count(const Tensor& /*z*/, const Tensor& code) {
  if (!is_training()) return;
  const Tensor uses = torch::bincount(code.flatten(), {}, num_codes_);
  step_uses_ = step_images_ > 0 ? step_uses_ + uses : uses;
  step_images_ += code.size(0);
}

void Quantizer::follow(bool) {
  if (step_images_ == 0) return;
  const torch::NoGradGuard no_grad;
  world().sum({step_uses_});
  step_images_ *= world().size();
  uses_.mul_(std::pow(0.5, double(step_images_) / kWindowHalfLife)).add_(step_uses_);
  step_images_ = 0;
}

Tensor Quantizer::usage() const {
  return (uses_ >= 0.5).to(torch::kFloat).mean();
}  // chosen at least once in the last 20,000 images

Tensor Quantizer::perplexity() const { return code_perplexity(uses_); }

std::shared_ptr<Quantizer> make_quantizer(const QuantizerOptions& options) {
  if (options.codebook == CodebookKind::kFiniteScalar) return std::make_shared<FiniteScalarQuantizer>(options.levels);
  return std::make_shared<VectorQuantizer>(options);
}

}  // namespace figment
