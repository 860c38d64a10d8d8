#include "figment/runs/latent_walks.h"

#include <fmt/format.h>

#include <numeric>

#include "figment/base/text.h"
#include "figment/data/conditions.h"
#include "figment/runs/run_images.h"
#include "figment/tensor/tensors.h"

namespace figment {
namespace {

constexpr int64_t kAll = int64_t(1) << 20;  // more examples than a run keeps

std::vector<int64_t> numbers(int64_t first, int64_t count) {
  std::vector<int64_t> all(static_cast<size_t>(count));
  std::iota(all.begin(), all.end(), first);
  return all;
}

/// Example number r for each of the steps of a walk.
Condition repeated(const Condition& c, int64_t row, int64_t steps) {
  return map(c, [=](const Tensor& t) { return t.narrow(0, row, 1).repeat_interleave(steps, 0); });
}

std::vector<std::vector<Image>> images_of_walks(const Walks& walks) {
  std::vector<std::vector<Image>> rows;
  for (const Tensor& walk : walks) rows.push_back(images_of(walk));
  return rows;
}

/// What walks are given that have no example: conditions in turn, one for both ends of a walk.
Condition in_turn(const LoadedRun& run, const ConditionSpec& takes, int64_t ends) {
  const Condition examples = takes_examples(takes) ? load_examples(run.folder, run.spec).condition : Condition{};
  const Condition walks = Conditions(takes, {}, examples, run.recipe.model).rows(0, (ends + 1) / 2);
  return to(rows_at(walks, torch::arange(ends).div(2, "floor")), run.device);
}

/// Where walks begin and end, and what their images are given.
struct Ends {
  Tensor codes = {};          ///< [N,Z]
  Condition conditions = {};  ///< of the N, what the model takes
};

/// Codes of some examples, each with the example's own condition, in an order that the seed decides; random codes, with
/// conditions in turn, where the model does not encode.
Ends ends_of(const LoadedRun& run, DecodesLatent& decodes, int64_t count, int64_t seed) {
  const auto* samples = dynamic_cast<Samples*>(&decodes);
  const ConditionSpec takes = samples ? samples->takes() : ConditionSpec{};
  auto* encodes = dynamic_cast<EncodesLatent*>(&decodes);
  if (!encodes) {
    return {.codes = seeded_normal(numbers(seed, count), decodes.latent_size(), "z").to(run.device),
            .conditions = in_turn(run, takes, count)};
  }
  const Batch examples = examples_of(run, kAll);
  const Tensor order = torch::randperm(examples.size(), at::detail::createCPUGenerator(uint64_t(seed)), torch::kInt64)
                           .to(run.device)
                           .narrow(0, 0, std::min(count, examples.size()));
  return {.codes = encodes->encode(examples.x.index_select(0, order)),
          .conditions = rows_at(chosen(examples.condition, takes), order)};
}

/// Codes of given images, from each to the next; with conditions in turn where the model takes some.
Ends ends_of(const LoadedRun& run, EncodesLatent& encodes, const std::vector<Image>& images) {
  if (images.size() < 2) throw ConfigError("interpolate: two images at least are needed, got 1");
  const Tensor codes = encodes.encode(tensor_of(run, images));
  std::vector<Tensor> ends;
  for (int64_t i = 0; i + 1 < codes.size(0); ++i) ends.push_back(codes.narrow(0, i, 2));
  const auto* samples = dynamic_cast<Samples*>(&encodes);
  const ConditionSpec takes = samples ? samples->takes() : ConditionSpec{};
  return {.codes = torch::cat(ends), .conditions = in_turn(run, takes, int64_t(2 * ends.size()))};
}

/// The most active ones where the model encodes, else the first ones.
std::vector<int64_t> dimensions_of(const LoadedRun& run, DecodesLatent& decodes, int64_t count) {
  if (auto* encodes = dynamic_cast<EncodesLatent*>(&decodes))
    return most_active(encodes->encode(examples_of(run, kAll).x), count);
  return numbers(0, std::min(count, decodes.latent_size()));
}

}  // namespace

Walks interpolation(DecodesLatent& model, const Tensor& ends, const Condition& conditions, int64_t steps) {
  const Tensor t = torch::linspace(0, 1, steps, ends.options()).unsqueeze(1);
  Walks walks;
  for (int64_t r = 0; 2 * r + 1 < ends.size(0); ++r)
    walks.push_back(model.decode(ends[2 * r] * (1 - t) + ends[2 * r + 1] * t, repeated(conditions, 2 * r, steps)));
  return walks;
}

Walks traversal(DecodesLatent& model, const Tensor& start, const Condition& condition,
                const std::vector<int64_t>& dimensions, int64_t steps, double span) {
  Walks walks;
  for (const int64_t d : dimensions) {
    const Tensor z = start.repeat({steps, 1});
    z.select(1, d).copy_(torch::linspace(-span, span, steps));
    walks.push_back(model.decode(z, repeated(condition, 0, steps)));
  }
  return walks;
}

std::vector<int64_t> most_active(const Tensor& codes, int64_t count) {
  const Tensor order = codes.var(0, /*unbiased=*/false).argsort(0, /*descending=*/true).cpu();
  return {order.data_ptr<int64_t>(), order.data_ptr<int64_t>() + std::min(count, order.numel())};
}

std::vector<std::vector<Image>> interpolate(LoadedRun& run, const InterpolateRequest& request) {
  auto& decodes = need<DecodesLatent>(run, "decode a code");
  const Ends ends = request.images.empty()
                        ? ends_of(run, decodes, 2 * request.rows, request.seed)
                        : ends_of(run, need<EncodesLatent>(run, "encode images to a vector"), request.images);
  return images_of_walks(interpolation(decodes, ends.codes, ends.conditions, request.steps));
}

std::vector<std::vector<Image>> traverse(LoadedRun& run, const TraverseRequest& request) {
  auto& decodes = need<DecodesLatent>(run, "decode a code");
  if (request.dimension >= decodes.latent_size())
    throw ConfigError(fmt::format("traverse: the code has {} (0 to {}), got {}",
                                  counted(decodes.latent_size(), "latent dimension"), decodes.latent_size() - 1,
                                  request.dimension));
  const Ends start = ends_of(run, decodes, 1, request.seed);
  const std::vector<int64_t> dimensions =
      request.dimension < 0 ? dimensions_of(run, decodes, request.rows) : std::vector<int64_t>{request.dimension};
  return images_of_walks(traversal(decodes, start.codes[0], start.conditions, dimensions, request.steps, request.span));
}

}  // namespace figment
