#include "figment/evaluation/codebook.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "figment/contracts/capabilities.h"
#include "figment/tensor/code_use.h"

namespace figment {
namespace {

constexpr double kHealthyShare = 0.9;

void warn_of_dead(const Tensor& uses, const Subject& subject, const std::string& grid, Evaluation& evaluation) {
  const Tensor dead = (uses == 0).nonzero().flatten().cpu();
  const int64_t count = dead.numel(), all = uses.numel();
  if (count == 0) return;
  const std::vector<int64_t> list(dead.data_ptr<int64_t>(), dead.data_ptr<int64_t>() + count);
  std::string sentence = fmt::format("dead codes{}: {} of {} are chosen by none of the {} images: {}", grid, count, all,
                                     subject.n, fmt::join(list, ", "));
  if (double(count) > (1 - kHealthyShare) * double(all) && all <= subject.n)
    sentence +=
        ". To use more of them revive dead codes sooner, compare directions alone, use shorter code vectors, or take "
        "fewer codes";
  evaluation.warnings.push_back(std::move(sentence));
}

void add_figures(const Tensor& uses, const Subject& subject, const std::string& grid, Evaluation& evaluation) {
  const auto add = [&](const char* name, const std::string& unit, const Tensor& value) {
    evaluation.metrics.push_back({.name = name + grid,
                                  .unit = unit,
                                  .split = subject.split,
                                  .value = value.item<double>(),
                                  .n = subject.n,
                                  .seed = subject.seed});
  };
  add("codebook_usage", "share of codes", (uses > 0).to(torch::kDouble).mean());
  add("codebook_perplexity", fmt::format("of {}", uses.numel()), code_perplexity(uses));
  const Tensor share = (uses / uses.sum().to(torch::kDouble)).contiguous();
  evaluation.series.push_back(
      {"code_uses" + grid, "share of the grid's places that each code fills, over all images",
       std::vector<double>(share.data_ptr<double>(), share.data_ptr<double>() + share.numel())});
}

}  // namespace

void measure_codebook(const Subject& subject, Evaluation& evaluation) {
  auto& model = dynamic_cast<EncodesDiscrete&>(subject.model);
  const std::vector<CodeSpec> grids = model.grids();
  std::vector<Tensor> uses;
  for (const CodeSpec& grid : grids) uses.push_back(torch::zeros({grid.num_codes}, torch::kLong));
  subject.each_batch(subject.data.measured, [&](const Batch& batch) {
    const std::vector<Tensor> codes = model.encode_codes(batch.x);
    for (size_t i = 0; i < grids.size(); ++i)
      uses[i] += torch::bincount(codes[i].flatten(), {}, grids[i].num_codes).cpu();
  });
  for (size_t i = 0; i < grids.size(); ++i) {
    const std::string grid = grids.size() > 1 ? fmt::format("_{}x{}", grids[i].height, grids[i].width) : "";
    add_figures(uses[i], subject, grid, evaluation);
    warn_of_dead(uses[i], subject, grid, evaluation);
  }
}

}  // namespace figment
