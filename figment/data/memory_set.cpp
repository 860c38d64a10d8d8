#include "figment/data/memory_set.h"

#include <fmt/format.h>

#include <cstring>

#include "figment/base/error.h"
#include "figment/base/hash.h"
#include "figment/data/conform.h"
#include "figment/data/random.h"
#include "figment/tensor/images.h"

namespace figment {
namespace {

constexpr uint64_t kFlipStream = 1;  // which of an example's random choices this is

void convert(const uint8_t* from, int64_t count, float* to) {
  for (int64_t i = 0; i < count; ++i) to[i] = signed_value(from[i]);
}

void convert_mirrored(const uint8_t* from, int64_t rows, int64_t width, float* to) {
  for (int64_t row = 0; row < rows; ++row, from += width, to += width)
    for (int64_t i = 0; i < width; ++i) to[i] = signed_value(from[width - 1 - i]);
}

DataSpec spec_of(const Examples& examples) {
  const auto extents = examples.images.sizes();
  DataSpec spec{.x = PixelSpec{.channels = extents[1], .height = extents[2], .width = extents[3]}};
  if (examples.labels.defined()) spec.condition.label = LabelSpec{examples.class_names};
  return spec;
}

}  // namespace

void keep_rows(Examples& examples, const std::vector<int64_t>& rows) {
  const auto compact = [&](Tensor& tensor) {
    auto* base = static_cast<char*>(tensor.data_ptr());
    const auto bytes = size_t(tensor.stride(0) * tensor.element_size());
    for (size_t i = 0; i < rows.size(); ++i) std::memmove(base + i * bytes, base + size_t(rows[i]) * bytes, bytes);
    const bool mostly_unused = int64_t(rows.size()) < tensor.size(0) / 2;
    tensor = tensor.narrow(0, 0, int64_t(rows.size()));
    if (mostly_unused) tensor = tensor.clone();  // gives the memory back
  };
  if (examples.images.defined()) compact(examples.images);
  if (examples.labels.defined()) compact(examples.labels);
}

ByteSet::ByteSet(DataSpec spec, int64_t size, Tensor labels, bool flip)
    : spec_(std::move(spec)), size_(size), labels_(std::move(labels)), flip_(flip) {}

Batch ByteSet::read(std::span<const Draw> draws) const {
  const PixelSpec& shape = pixels(spec_);
  const auto count = int64_t(draws.size());
  Batch batch{.x = torch::empty({count, shape.channels, shape.height, shape.width})};
  auto* x = batch.x.data_ptr<float>();
  std::vector<uint8_t> scratch(size_t(shape.dimensions()));
  const Tensor rows = indices_of(draws, size_);
  for (const Draw& draw : draws) {
    const uint8_t* bytes = image(draw.index, scratch.data());
    if (flip_ && (mixed(draw.seed, kFlipStream) & 1))
      convert_mirrored(bytes, shape.channels * shape.height, shape.width, x);
    else
      convert(bytes, shape.dimensions(), x);
    x += shape.dimensions();
  }
  if (labels_.defined()) batch.condition.label = labels_.index_select(0, rows);
  return batch;
}

std::string ByteSet::hash() const {
  Hash hash;
  hash.add(to_json(spec_).dump()).add(flip_ ? "flip" : "as they are").add(hash_of_images());
  if (labels_.defined()) hash.add(labels_.const_data_ptr(), labels_.nbytes());
  return hash.hex();
}

MemorySet::MemorySet(Examples examples, bool flip)
    : ByteSet(spec_of(examples), examples.images.size(0), examples.labels, flip),
      images_(examples.images.contiguous()) {}

std::string MemorySet::hash_of_images() const { return Hash().add(images_.const_data_ptr(), images_.nbytes()).hex(); }

}  // namespace figment
