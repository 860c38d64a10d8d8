// Tested by samples_test.cpp.
#include "figment/evaluation/training_images.h"

#include <algorithm>

#include "figment/evaluation/nearest_images.h"
#include "figment/tensor/tensors.h"

namespace figment {
namespace {

constexpr int64_t kMostFloors = 5;

Tensor as_rows(const Tensor& images) { return images.to(torch::kFloat).flatten(1).cpu(); }

/// Three rows of a sheet for each row of drawn images.
Picture picture_of_neighbours(const Tensor& drawn, const NearestImages& by_features, const NearestImages& by_pixels) {
  std::vector<Tensor> rows;
  const int64_t columns = std::min(kSheetColumns, drawn.size(0));
  for (int64_t first = 0; first < drawn.size(0); first += columns)
    for (const Tensor& images : {drawn, by_features.images(), by_pixels.images()})
      rows.push_back(images.narrow(0, first, columns).cpu());
  return {"neighbours",
          "drawn images; below each the training image that is nearest in features, and below that the one nearest by "
          "its pixels. Equal images would be copies",
          image_grid(torch::cat(rows), columns)};
}

}  // namespace

TrainingImages read_training_images(const Subject& subject, const Tensor& drawn_features, const Tensor& shown,
                                    Evaluation& evaluation) {
  TrainingImages training;
  NearestImages by_features(drawn_features.narrow(0, 0, shown.size(0))), by_pixels(as_rows(shown));
  const int64_t count = subject.images.train().count;
  auto generator = at::detail::createCPUGenerator(uint64_t(subject.seed));
  const Tensor order = torch::randperm(count, generator, torch::kInt64);
  const int64_t floors = subject.of_training ? 0 : std::min(kMostFloors, count / subject.n);
  for (int64_t i = 0; i < floors; ++i) training.floors.emplace_back(subject);
  std::vector<Tensor> features;
  int64_t first = 0;
  subject.each_batch(subject.images.train, [&](const Batch& batch) {
    features.push_back(features_of(*subject.features, batch.x));
    const Tensor images = batch.x.cpu();
    by_features.pass(features.back(), images);
    by_pixels.pass(as_rows(images), images);
    training.components.add(pixel_rows(images));
    const Tensor set = order.narrow(0, first, batch.size()).div(subject.n, "floor");
    for (int64_t i = 0; i < floors; ++i)
      if (const Tensor chosen = (set == i).nonzero().squeeze(1); chosen.numel() > 0)
        training.floors[size_t(i)].add(batch.x.index_select(0, chosen.to(batch.x.device())),
                                       features.back().index_select(0, chosen));
    first += batch.size();
  });
  evaluation.pictures.push_back(picture_of_neighbours(shown, by_features, by_pixels));
  training.features = torch::cat(features);
  return training;
}

}  // namespace figment
