// Small random data of any kind, for models that say what they need.
#pragma once
#include <string>
#include <vector>

#include "figment/contracts/batch.h"

namespace figment {

/// A spec with these kinds of condition, each as small as it makes sense.
inline ConditionSpec made_condition_spec(const std::vector<std::string_view>& kinds) {
  ConditionSpec spec;
  for (const std::string_view kind : kinds) {
    if (kind == "labels")
      spec.labels = {LabelSpec{.names = {"a", "b", "c"}}, LabelSpec{.name = "colour", .names = {"red", "blue"}}};
    else if (kind == "text")
      spec.text = TextSpec{.vocabulary = {"a", "red", "blue", "cup"}, .max_tokens = 5};
    else if (kind == "image")
      spec.image = PixelSpec{.channels = 3, .height = 16, .width = 16};
    else if (kind == "audio")
      spec.audio = AudioSpec{.sample_rate = 8000, .window = 200, .hop = 80, .mels = 8, .max_frames = 12};
    else if (kind == "layout")
      spec.layout = LayoutSpec{.names = {"cup", "plate"}, .max_objects = 3};
    else if (kind == "embedding")
      spec.embedding = EmbeddingSpec{.size = 6};
    else if (kind == "codes")
      spec.codes = {CodeSpec{.num_codes = 7, .height = 2, .width = 2}};
    else
      spec.others[std::string(kind)] = OtherSpec{{"value", "mask"}};
  }
  return spec;
}

namespace made {

inline Tensor pixels(const PixelSpec& spec, int64_t n, at::Generator& g) {
  return torch::rand({n, spec.channels, spec.height, spec.width}, g) * 2 - 1;
}
inline Tensor numbers(int64_t end, std::vector<int64_t> extents, at::Generator& g) {
  return torch::randint(end, extents, g, torch::kLong);
}
/// Of each example the first one to `longest` places are there.
inline Tensor mask(int64_t n, int64_t longest, at::Generator& g) {
  const Tensor length = torch::randint(1, longest + 1, {n, 1}, g, torch::kLong);
  return torch::arange(longest).unsqueeze(0) < length;
}

}  // namespace made

/// `n` examples of this spec, of random contents that the seed decides.
inline Batch made_batch(const DataSpec& spec, int64_t n, int64_t seed) {
  at::Generator g = at::detail::createCPUGenerator(uint64_t(seed));
  Batch b;
  if (const auto* x = std::get_if<PixelSpec>(&spec.x)) b.x = made::pixels(*x, n, g);
  if (const auto* x = std::get_if<CodeSpec>(&spec.x)) b.x = made::numbers(x->num_codes, {n, x->height, x->width}, g);
  if (const auto* x = std::get_if<PointSpec>(&spec.x)) b.x = torch::randn({n, x->numbers}, g);
  const ConditionSpec& c = spec.condition;
  for (const LabelSpec& label : c.labels)
    b.condition.labels.push_back(made::numbers(int64_t(label.names.size()), {n}, g));
  if (c.text)
    b.condition.text = {made::numbers(int64_t(c.text->vocabulary.size()), {n, c.text->max_tokens}, g),
                        made::mask(n, c.text->max_tokens, g)};
  if (c.image) b.condition.image = made::pixels(*c.image, n, g);
  if (c.audio)
    b.condition.audio = {torch::randn({n, c.audio->mels, c.audio->max_frames}, g),
                         made::numbers(c.audio->max_frames, {n}, g) + 1};
  if (c.layout)
    b.condition.layout = {torch::rand({n, c.layout->max_objects, 4}, g) / 2,
                          made::numbers(int64_t(c.layout->names.size()), {n, c.layout->max_objects}, g),
                          made::mask(n, c.layout->max_objects, g)};
  if (c.embedding) b.condition.embedding.value = torch::randn({n, c.embedding->size}, g);
  for (const CodeSpec& grid : c.codes)
    b.condition.codes.push_back(made::numbers(grid.num_codes, {n, grid.height, grid.width}, g));
  for (const auto& [kind, other] : c.others)
    b.condition.others[kind] = {{"value", torch::randn({n, 4, 2}, g)}, {"mask", made::mask(n, 4, g)}};
  return b;
}

}  // namespace figment
