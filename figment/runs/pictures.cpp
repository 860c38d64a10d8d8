#include "figment/runs/pictures.h"

#include <fmt/format.h>

#include "figment/data/conditions.h"
#include "figment/runs/latent_walks.h"
#include "figment/runs/parents.h"
#include "figment/runs/pipeline.h"
#include "figment/tensor/tensors.h"

namespace figment {
namespace {
constexpr int64_t kSamples = 64, kPairs = 32, kColumns = 8, kPairColumns = 16, kRows = 6, kSteps = 12;
constexpr int64_t kMoments = 8, kPoints = 2000;
constexpr double kSpan = 3;  // standard deviations of the prior

/// Rows of images while they are sampled; codes stand above the images that they decode to.
Picture drawing(Completes& draws, const Parents& parents, const Batch& examples, torch::Device device) {
  EncodesDiscrete* decoder = code_maker(parents);
  const int64_t images = decoder ? kMoments / 2 : kMoments;
  const Conditions conditions(draws.takes(), {}, examples.condition, "preview");
  const SampleRequest request = request_for(conditions.rows(0, images), 0, 0, images, device);
  const Tensor drawn = draws.sample(request);
  const int64_t height = drawn.size(-2);
  std::vector<Tensor> shown{drawn};
  if (decoder) {
    const std::vector<Tensor> grids = all_grids(request.condition, drawn);
    const Tensor codes = decoder->paint_codes(grids), decoded = decoder->decode_codes(grids);
    shown = {codes, decoded.size(1) == 1 ? decoded.expand_as(codes) : decoded};
  }
  const Tensor all = torch::stack(shown, 1).flatten(0, 1);
  std::vector<Tensor> moments;
  for (int64_t moment = 0; moment < kMoments; ++moment)
    moments.push_back(upper_rows(all, moment * height / (kMoments - 1), height));
  return {"drawing",
          decoder
              ? "four images while they are sampled, from left to right: above the codes, one colour for each code, "
                "below the image that they decode to; grey places are not sampled yet"
              : "images while they are sampled, from left to right; grey pixels are not sampled yet",
          image_grid(torch::stack(moments, 1).flatten(0, 1), kMoments)};
}

}  // namespace

Tensor upper_rows(const Tensor& images, int64_t rows, int64_t of_rows) {
  const Tensor upper = images.clone();
  const int64_t there = rows * images.size(2) / of_rows;
  upper.narrow(2, there, images.size(2) - there).zero_();
  return upper;
}

Tensor paired(const Tensor& x, const Tensor& y, int64_t columns) {
  std::vector<Tensor> rows;
  for (int64_t from = 0; from + columns <= x.size(0); from += columns) {
    rows.push_back(x.narrow(0, from, columns));
    rows.push_back(y.narrow(0, from, columns));
  }
  return rows.empty() ? torch::cat({x, y}) : torch::cat(rows);
}

std::vector<Picture> preview_pictures(Model& model, const Parents& parents, const Batch& examples,
                                      torch::Device device) {
  std::vector<Picture> pictures;
  const bool of_points = examples.x.dim() == 2;
  if (const auto samples = pipeline(model, parents)) {
    const int64_t count = of_points ? kPoints : kSamples;
    const Conditions conditions(samples->takes(), {}, examples.condition, "preview");
    const Tensor drawn = samples->sample(request_for(conditions.rows(0, count), 0, 0, count, device));
    pictures.push_back({"samples", "drawn from noise, always from the same seeds",
                        of_points ? to_image(scatter(drawn, examples.x)) : image_grid(drawn, kColumns)});
  }
  if (auto* completes = dynamic_cast<Completes*>(&model))
    pictures.push_back(drawing(*completes, parents, examples, device));
  const Batch here = to(examples, device);
  if (auto* reconstructs = dynamic_cast<Reconstructs*>(&model); reconstructs && here.x.dim() == 4) {
    const Tensor x = here.x.narrow(0, 0, std::min(kPairs, here.size()));
    const int64_t columns = std::min(kPairColumns, x.size(0));
    pictures.push_back({"reconstructions", "held-out images, each row above what the model makes of it",
                        image_grid(paired(x, reconstructs->reconstruct(x), columns), columns)});
  }
  if (auto* encodes = dynamic_cast<EncodesLatent*>(&model)) {
    const auto* draws = dynamic_cast<Samples*>(&model);
    const Condition given = draws ? chosen(here.condition, draws->takes()) : Condition{};
    const Tensor codes = encodes->encode(here.x);
    if (codes.size(0) >= 2 * kRows)
      pictures.push_back(
          {"interpolation", "from one held-out image to another, through the codes between theirs",
           image_grid(torch::cat(interpolation(*encodes, codes.narrow(0, 0, 2 * kRows), given, kSteps)), kSteps)});
    const std::vector<int64_t> dimensions = most_active(codes, kRows);
    pictures.push_back(
        {"traversal",
         fmt::format("one held-out image; each row changes one dimension of its code from -{} to {}: the {} "
                     "that vary most over images",
                     kSpan, kSpan, dimensions.size()),
         image_grid(torch::cat(traversal(*encodes, codes[0], given, dimensions, kSteps, kSpan)), kSteps)});
  }
  if (auto* shows = dynamic_cast<Shows*>(&model))
    for (const Exhibit& exhibit : shows->show(here))
      pictures.push_back({exhibit.name, exhibit.caption,
                          image_grid(exhibit.images, exhibit.images.size(0) > kSamples ? 2 * kColumns : kColumns)});
  return pictures;
}

}  // namespace figment
