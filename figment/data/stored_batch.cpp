#include "figment/data/stored_batch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>

#include "figment/base/error.h"
#include "figment/base/hash.h"

namespace figment {
namespace {

/// What a tensor of this name must be.
struct Place {
  torch::ScalarType type = torch::kFloat;
  std::vector<int64_t> extents = {};  ///< behind the number of examples
  std::optional<int64_t> end = {};    ///< whole numbers lie in [0, end)
};
using Places = std::map<std::string, Place>;

void add_places(Places& places, const ConditionSpec& spec) {
  for (size_t i = 0; i < spec.labels.size(); ++i)
    places["labels." + std::to_string(i)] = {.type = torch::kLong, .end = int64_t(spec.labels[i].names.size())};
  if (spec.text) {
    places["text.token"] = {torch::kLong, {spec.text->max_tokens}, int64_t(spec.text->vocabulary.size())};
    places["text.mask"] = {torch::kBool, {spec.text->max_tokens}};
  }
  if (spec.image) places["image"] = {torch::kFloat, {spec.image->channels, spec.image->height, spec.image->width}};
  if (spec.audio) {
    places["audio.mel"] = {torch::kFloat, {spec.audio->mels, spec.audio->max_frames}};
    places["audio.length"] = {.type = torch::kLong, .end = spec.audio->max_frames + 1};
  }
  if (spec.layout) {
    const int64_t objects = spec.layout->max_objects;
    places["layout.box"] = {torch::kFloat, {objects, 4}};
    places["layout.label"] = {torch::kLong, {objects}, int64_t(spec.layout->names.size())};
    places["layout.mask"] = {torch::kBool, {objects}};
  }
  if (spec.embedding) {
    const auto [size, tokens] = std::pair(spec.embedding->size, spec.embedding->max_tokens);
    places["embedding.value"] = {torch::kFloat, tokens > 0 ? std::vector{tokens, size} : std::vector{size}};
    if (tokens > 0) places["embedding.mask"] = {torch::kBool, {tokens}};
  }
  for (size_t i = 0; i < spec.codes.size(); ++i)
    places["codes." + std::to_string(i)] = {
        torch::kLong, {spec.codes[i].height, spec.codes[i].width}, spec.codes[i].num_codes};
}

Place place_of_x(const DataSpec& spec) {
  if (const auto* pixels = std::get_if<PixelSpec>(&spec.x))
    return {torch::kFloat, {pixels->channels, pixels->height, pixels->width}};
  if (const auto* codes = std::get_if<CodeSpec>(&spec.x))
    return {torch::kLong, {codes->height, codes->width}, codes->num_codes};
  return {torch::kFloat, {std::get<PointSpec>(spec.x).numbers}};
}

bool extents_fit(const Tensor& t, int64_t examples, const Place& place) {
  std::vector<int64_t> whole = {examples};
  whole.insert(whole.end(), place.extents.begin(), place.extents.end());
  return t.sizes() == whole;
}

/// The tensor as the spec has it. Throws DataError.
Tensor fitted(const Tensor& t, int64_t examples, const Place& place, const std::string& name, std::string_view where) {
  const bool small_codes = place.type == torch::kLong && t.scalar_type() == torch::kInt;
  if (!extents_fit(t, examples, place) || (t.scalar_type() != place.type && !small_codes))
    throw DataError(fmt::format("{}: '{}' must be {} [{}, {}], got {} {}; it is not of this data set, or was damaged",
                                where, name, c10::toString(place.type), examples, fmt::join(place.extents, ", "),
                                c10::toString(t.scalar_type()), fmt::join(t.sizes(), " x ")));
  const Tensor whole = small_codes ? t.to(torch::kLong) : t;
  if (place.end && whole.numel() > 0 && (whole.min().item<int64_t>() < 0 || whole.max().item<int64_t>() >= *place.end))
    throw DataError(fmt::format("{}: '{}' must hold numbers in [0, {}), got {} to {}", where, name, *place.end,
                                whole.min().item<int64_t>(), whole.max().item<int64_t>()));
  return whole;
}

constexpr const char* kHash = "hash";  // in the file's metadata

/// The serialised tensors tell names, types, extents and bytes.
std::string hash_of(const TensorMap& tensors) { return figment::hash_of(to_safetensors(tensors)); }

}  // namespace

TensorMap to_tensors(const Batch& batch) {
  TensorMap tensors{{"x", batch.x}};
  each_tensor(batch.condition, [&](const std::string& name, const Tensor& t) {
    if (t.defined()) tensors[name] = t;
  });
  return tensors;
}

std::string to_file(const Batch& batch) {
  const TensorMap tensors = to_tensors(batch);
  return to_safetensors(tensors, {{kHash, hash_of(tensors)}});
}

Batch from_file(TensorFile file, const DataSpec& spec, std::string_view where) {
  TensorMap& tensors = file.tensors;
  if (!file.metadata.empty() && file.metadata[kHash] != hash_of(tensors))
    throw DataError(fmt::format("{}: the file is damaged: its hash is not that of what it holds", where));
  Places places;
  add_places(places, spec.condition);
  const auto taken = [&](const std::string& name) {
    auto node = tensors.extract(name);
    if (!node) throw DataError(fmt::format("{}: holds no tensor '{}'", where, name));
    return std::move(node.mapped());
  };
  Tensor x = taken("x");
  const int64_t examples = x.dim() > 0 ? x.size(0) : 0;
  Batch batch{.x = fitted(x, examples, place_of_x(spec), "x", where), .condition = places_of(spec.condition)};
  each_tensor(batch.condition, [&](const std::string& name, Tensor& t) {
    if (const auto place = places.find(name); place != places.end())
      t = fitted(taken(name), examples, place->second, name, where);
    else if (name.starts_with("others.")) {
      t = taken(name);
      if (t.dim() == 0 || t.size(0) != examples)
        throw DataError(fmt::format("{}: '{}' must have {} rows, one for each example, got {}", where, name, examples,
                                    t.dim() == 0 ? 0 : t.size(0)));
    }
  });
  if (!tensors.empty())
    throw DataError(
        fmt::format("{}: holds a tensor '{}' that the data set does not have", where, tensors.begin()->first));
  return batch;
}

}  // namespace figment
