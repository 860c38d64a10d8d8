#include "figment/data/column_set.h"

#include <fmt/format.h>

#include <numeric>

#include "figment/base/error.h"

namespace figment {

ColumnSet::ColumnSet(const DataSpec& stored, std::vector<std::shared_ptr<const Column>> columns,
                     std::vector<int64_t> rows, GeometryOptions geometry, NameOfRow name, int64_t neighbours)
    : spec_(stored),
      columns_(std::move(columns)),
      rows_(std::move(rows)),
      geometry_(geometry),
      name_(std::move(name)),
      neighbours_(neighbours) {
  if (auto* x = std::get_if<PixelSpec>(&spec_.x)) {
    stored_ = *x;
    *x = cropped(*x, geometry_);
  }
  if (auto& image = spec_.condition.image) {
    if (geometry_.crop > 0 && (image->height != stored_.height || image->width != stored_.width))
      throw ConfigError(
          fmt::format("data.crop: a picture of {} x {} and its condition of {} x {} cannot be cropped "
                      "alike; leave it 0",
                      stored_.width, stored_.height, image->width, image->height));
    image = cropped(*image, geometry_);
  }
}

Batch ColumnSet::read(std::span<const Draw> draws) const {
  std::vector<View> views;
  views.reserve(draws.size());
  for (const Draw& draw : draws) {
    if (draw.index < 0 || draw.index >= size())
      throw DataError(fmt::format("Dataset::read: index must be in [0, {}), got {}", size(), draw.index));
    views.push_back({.row = rows_[size_t(draw.index)],
                     .seed = draw.seed,
                     .geometry = geometry_of(draw.seed, geometry_, stored_),
                     .whole = geometry_.crop == 0});
  }
  Batch batch{.condition = places_of(spec_.condition)};
  for (const auto& column : columns_) column->read(views, batch);
  return batch;
}

std::string ColumnSet::hash() const {
  Hash hash;
  hash.add(json_text(to_json(spec_)));
  for (const auto& column : columns_) column->add_to(hash, rows_);
  return hash.hex();
}

std::vector<int64_t> all_rows(int64_t count) {
  std::vector<int64_t> rows(static_cast<size_t>(count));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

}  // namespace figment
