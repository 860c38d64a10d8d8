#include "figment/nn/vector_quantizer.h"

#include "figment/nn/estimators.h"
#include "figment/nn/k_means.h"
#include "figment/nn/nearest_code.h"
#include "figment/tensor/world.h"

namespace figment {
namespace {

constexpr double kEpsilon = 1e-5;        // of the Laplace smoothing
constexpr int64_t kVectorsPerCode = 64;  // used by k-means

Tensor unit(const Tensor& rows) { return torch::nn::functional::normalize(rows); }

Tensor mean_square(const Tensor& difference) { return difference.square().mean(); }

}  // namespace

VectorQuantizer::VectorQuantizer(const QuantizerOptions& options)
    : Quantizer(options.num_codes, options.size), options_(options) {
  const Tensor start = torch::randn({num_codes(), size()});
  if (options.codebook == CodebookKind::kGradient) {
    codebook_ = register_parameter("codebook", start);
  } else {
    codebook_ = register_buffer("codebook", options.cosine ? unit(start) : start);
    sums_ = register_buffer("sums", codebook_.clone());
  }
  hits_ = register_buffer("hits", torch::ones({num_codes()}));
}

/// [N,D,h,w] -> [N h w, D] in fp32 at least.
Tensor VectorQuantizer::rows_of(const Tensor& z) const {
  const Tensor rows = z.permute({0, 2, 3, 1}).reshape({-1, size()});
  return options_.cosine ? unit(at_least_fp32(rows)) : at_least_fp32(rows);
}

Tensor VectorQuantizer::relaxed(const Tensor& z) const {
  return options_.cosine ? torch::nn::functional::normalize(z) : z;  // along the dimension 1 of maps and of rows
}

Tensor VectorQuantizer::vectors() { return options_.cosine ? unit(codebook_) : codebook_; }

Quantized VectorQuantizer::forward(const Tensor& z) {
  expect_shape(z, {-1, size(), -1, -1}, "VectorQuantizer::forward", "z");
  const FullPrecision full_precision(z.device().type());
  const Tensor rows = rows_of(z), codes = vectors();
  const Tensor code = nearest_code(rows, codes);
  const Tensor chosen = codes.index_select(0, code);  // [M,D]
  LossTerms losses{{"commitment", mean_square(rows - chosen.detach()), options_.commitment}};
  if (options_.codebook == CodebookKind::kGradient) losses.push_back({"codebook", mean_square(rows.detach() - chosen)});
  const Tensor passed =
      options_.estimator == Estimator::kRotation ? rotated(rows, chosen) : straight_through(rows, chosen);
  const int64_t n = z.size(0), h = z.size(2), w = z.size(3);
  return {.quantized = passed.view({n, h, w, size()}).permute({0, 3, 1, 2}),
          .code = code.view({n, h, w}),
          .losses = losses};
}

void VectorQuantizer::start_from(const Tensor& z) {
  if (!options_.k_means) return;
  const torch::NoGradGuard no_grad;
  Tensor rows = rows_of(z);
  if (const int64_t enough = kVectorsPerCode * num_codes(); rows.size(0) > enough)
    rows = rows.index_select(0, torch::randperm(rows.size(0)).narrow(0, 0, enough).to(rows.device()));
  const Clusters clusters = k_means(rows, num_codes());
  // Cluster sizes are scaled to a mean of 1, so that the first steps outweigh this sample. An empty cluster counts as
  // one of one vector: N = 0 would put its code at the origin.
  const Tensor size = clusters.size.clamp_min(1);
  place(torch::arange(num_codes(), hits_.device()), clusters.centre, size / size.mean());
}

void VectorQuantizer::count(const Tensor& z, const Tensor& code) {
  Quantizer::count(z, code);
  if (!is_training()) return;
  const torch::NoGradGuard no_grad;
  const FullPrecision full_precision(z.device().type());
  const Tensor rows = rows_of(z.detach());
  if (step_vectors_.empty()) {
    step_hits_ = torch::zeros_like(hits_);
    step_sums_ = torch::zeros_like(codebook_);
  }
  step_hits_ += torch::bincount(code.flatten(), {}, num_codes());
  step_sums_.index_add_(0, code.flatten(), rows);
  step_vectors_.push_back(rows);
}

void VectorQuantizer::follow(bool revive) {
  Quantizer::follow(revive);
  if (step_vectors_.empty()) return;
  const torch::NoGradGuard no_grad;
  world().sum({step_hits_, step_sums_});
  hits_.lerp_(step_hits_, 1 - options_.decay);
  if (sums_.defined()) move_codebook();
  if (revive && options_.revive_below > 0) revive_dead();
  step_vectors_.clear();
}

void VectorQuantizer::move_codebook() {
  sums_.lerp_(step_sums_, 1 - options_.decay);
  const Tensor total = hits_.sum();
  const Tensor smoothed = (hits_ + kEpsilon) / (total + double(num_codes()) * kEpsilon) * total;
  const Tensor codes = sums_ / smoothed.unsqueeze(1);
  codebook_.copy_(options_.cosine ? unit(codes) : codes);
}

void VectorQuantizer::revive_dead() {
  const double least = options_.revive_below * hits_.mean().item<double>();
  const Tensor dead = (hits_ < least).nonzero().flatten();  // [L]
  if (dead.numel() == 0) return;
  const Tensor rows = gathered(torch::cat(step_vectors_));
  const Tensor drawn = torch::randint(rows.size(0), {dead.numel()}, torch::kLong).to(rows.device());
  world().share({drawn});  // each process draws other numbers
  place(dead, rows.index_select(0, drawn), torch::full({dead.numel()}, least, hits_.options()));
}

/// Sets codes, hits and sums together: a code for which one of them is left as it was would be overwritten by the next
/// step.
void VectorQuantizer::place(const Tensor& which, const Tensor& vectors, const Tensor& hits) {
  codebook_.index_copy_(0, which, vectors.to(codebook_.scalar_type()));
  hits_.index_copy_(0, which, hits.to(hits_.scalar_type()));
  if (sums_.defined()) sums_.index_copy_(0, which, (vectors * hits.unsqueeze(1)).to(sums_.scalar_type()));
}

}  // namespace figment
