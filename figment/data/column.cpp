#include "figment/data/column.h"

#include <map>

#include "figment/base/machine.h"

namespace figment {
namespace {

Tensor indices(std::span<const int64_t> rows) { return torch::tensor(at::ArrayRef<int64_t>(rows.data(), rows.size())); }

Tensor indices(std::span<const View> views) {
  Tensor rows = torch::empty({int64_t(views.size())}, torch::kInt64);
  for (size_t i = 0; i < views.size(); ++i) rows.data_ptr<int64_t>()[i] = views[i].row;
  return rows;
}

Tensor gathered(const Tensor& tensor, const Tensor& rows) {
  const Tensor some = tensor.index_select(0, rows);
  return some.scalar_type() == torch::kInt32 ? some.to(torch::kInt64) : some;
}

void add_rows(Hash& hash, const std::string& name, const Tensor& tensor, const Tensor& rows) {
  const Tensor some = gathered(tensor, rows).contiguous();
  hash.add(name).add(some.const_data_ptr(), some.nbytes());
}

}  // namespace

PixelColumn::PixelColumn(Place place, Tensor bytes)
    : place_(place),
      stored_{.channels = bytes.size(1), .height = bytes.size(2), .width = bytes.size(3)},
      bytes_(bytes.contiguous()) {}

PixelColumn::PixelColumn(Place place, PixelSpec stored, Decode decode, RowHash hash)
    : place_(place), stored_(stored), decode_(std::move(decode)), hash_(std::move(hash)) {}

void PixelColumn::read(std::span<const View> views, Batch& batch) const {
  const auto geometry = [&](const View& view) {
    if (!view.whole) return view.geometry;
    return Geometry{.height = stored_.height, .width = stored_.width, .mirrored = view.geometry.mirrored};
  };
  const Geometry size = views.empty() ? geometry({.whole = true}) : geometry(views[0]);
  Tensor out = torch::empty({int64_t(views.size()), stored_.channels, size.height, size.width});
  const int64_t stride = stored_.channels * size.height * size.width;
  auto* to = out.data_ptr<float>();
  const auto* bytes = bytes_.defined() ? bytes_.const_data_ptr<uint8_t>() : nullptr;
  std::vector<uint8_t> scratch(bytes ? 0 : size_t(stored_.dimensions()));
  for (const View& view : views) {
    if (!bytes) {
      expect_no_stop_signal();  // a batch of large photos takes seconds
      decode_(view.row, scratch.data());
    }
    copy_shown(bytes ? bytes + view.row * stored_.dimensions() : scratch.data(), stored_, geometry(view), to);
    to += stride;
  }
  (place_ == Place::kX ? batch.x : batch.condition.image) = out;
}

void PixelColumn::add_to(Hash& hash, std::span<const int64_t> rows) const {
  const auto size = size_t(stored_.dimensions());
  for (const int64_t row : rows) {
    if (!bytes_.defined()) {
      hash.add(hash_(row));
      continue;
    }
    const auto* picture = reinterpret_cast<const char*>(bytes_.const_data_ptr<uint8_t>()) + size_t(row) * size;
    hash.add(hash_of({picture, size}));
  }
}

void RowsColumn::read(std::span<const View> views, Batch& batch) const {
  const Tensor rows = indices(views);
  if (stored_.x.defined()) batch.x = gathered(stored_.x, rows);
  std::map<std::string, Tensor*> places;
  each_tensor(batch.condition, [&](const std::string& name, Tensor& place) { places[name] = &place; });
  each_tensor(stored_.condition, [&](const std::string& name, const Tensor& tensor) {
    if (tensor.defined()) *places.at(name) = gathered(tensor, rows);
  });
}

void RowsColumn::add_to(Hash& hash, std::span<const int64_t> rows) const {
  const Tensor some = indices(rows);
  if (stored_.x.defined()) add_rows(hash, "x", stored_.x, some);
  each_tensor(stored_.condition, [&](const std::string& name, const Tensor& tensor) {
    if (tensor.defined()) add_rows(hash, name, tensor, some);
  });
}

void BoxColumn::read(std::span<const View> views, Batch& batch) const {
  const Tensor rows = indices(views);
  Layout& layout = batch.condition.layout;
  layout = {.box = gathered(stored_.box, rows).contiguous(),
            .label = gathered(stored_.label, rows),
            .mask = gathered(stored_.mask, rows).contiguous()};
  auto* box = layout.box.data_ptr<float>();
  auto* there = layout.mask.data_ptr<bool>();
  for (const View& view : views)
    for (int64_t i = 0; i < layout.mask.size(1); ++i, box += 4, ++there) {
      const auto seen = shown({box[0], box[1], box[2], box[3]}, pictures_, view.geometry);
      *there = *there && seen;
      const Box left = *there ? *seen : Box{};
      box[0] = left.left, box[1] = left.top, box[2] = left.width, box[3] = left.height;
    }
}

void BoxColumn::add_to(Hash& hash, std::span<const int64_t> rows) const {
  const Tensor some = indices(rows);
  add_rows(hash, "layout.box", stored_.box, some);
  add_rows(hash, "layout.label", stored_.label, some);
  add_rows(hash, "layout.mask", stored_.mask, some);
}

}  // namespace figment
