// A batch has the same members as DataSpec, holding tensors. A condition that is absent is an undefined tensor.
// Legend: N batch, C channels, H W extents, K codes, T tokens or frames, O objects, E embedding size.
#pragma once
#include <torch/torch.h>

#include <algorithm>

#include "figment/config/field.h"
#include "figment/contracts/spec.h"

namespace figment {

using torch::Tensor;
using NamedTensors = std::map<std::string, Tensor>;

struct Text {
  Tensor token = {};  ///< [N,T] int64
  Tensor mask = {};   ///< [N,T] bool
};
struct Audio {
  Tensor mel = {};     ///< [N,M,T] log-mel
  Tensor length = {};  ///< [N] int64, in frames
};
struct Layout {
  Tensor box = {};    ///< [N,O,4] xywh in [0,1]
  Tensor label = {};  ///< [N,O] int64
  Tensor mask = {};   ///< [N,O] bool
};
struct Embedding {
  Tensor value = {};  ///< [N,E], a vector for each image; or [N,T,E], one for each token
  Tensor mask = {};   ///< [N,T] bool; undefined with a vector for each image
};

struct Condition {
  std::vector<Tensor> labels = {};  ///< an attribute each, [N] int64, in the order of the spec; the first is the class
  Text text = {};
  Tensor image = {};  ///< [N,C,H,W] in [-1,1]
  Audio audio = {};
  Layout layout = {};
  Embedding embedding = {};
  std::vector<Tensor> codes = {};                   ///< each [N,h,w] int64
  std::map<std::string, NamedTensors> others = {};  ///< by kind and name; N comes first in each

  /// The class of each example, undefined where the data has none.
  Tensor label() const { return labels.empty() ? Tensor() : labels.front(); }
};
static_assert(member_count<Condition>() == member_count<ConditionSpec>(), "a kind has a spec and a tensor");

struct Batch {
  Tensor x = {};  ///< what is modelled: [N,C,H,W] in [-1,1], or [N,H,W] int64 codes
  Condition condition = {};
  int64_t size() const { return x.size(0); }
};

/// The one place that knows every tensor of a condition: `f(name, tensor)` for each, undefined ones too, in an order
/// that is always the same. Names are "labels.0", "text.token", …, "others.<kind>.<name>". `C` is a Condition, const or
/// not.
template <class C, class F>
void each_tensor(C& condition, F&& f) {
  auto& [labels, text, image, audio, layout, embedding, codes, others] = condition;  // a new member breaks this line
  for (size_t i = 0; i < labels.size(); ++i) f("labels." + std::to_string(i), labels[i]);
  f("text.token", text.token), f("text.mask", text.mask);
  f("image", image);
  f("audio.mel", audio.mel), f("audio.length", audio.length);
  f("layout.box", layout.box), f("layout.label", layout.label), f("layout.mask", layout.mask);
  f("embedding.value", embedding.value), f("embedding.mask", embedding.mask);
  for (size_t i = 0; i < codes.size(); ++i) f("codes." + std::to_string(i), codes[i]);
  for (auto& [kind, tensors] : others)
    for (auto& [name, tensor] : tensors) f("others." + kind + "." + name, tensor);
}

/// Slicing, moving, repeating and mixing a condition are calls of it.
template <class F>
Condition map(Condition c, F&& f) {
  each_tensor(c, [&](const std::string&, Tensor& t) {
    if (t.defined()) t = f(t);
  });
  return c;
}
template <class F>
Batch map(const Batch& b, F&& f) {
  return {f(b.x), map(b.condition, f)};
}

inline Batch rows(const Batch& b, int64_t first, int64_t count) {
  return map(b, [=](const Tensor& t) { return t.narrow(0, first, count); });
}
inline Condition to(const Condition& c, torch::Device device) {
  return map(c, [=](const Tensor& t) { return t.to(device, /*non_blocking=*/true); });
}
inline Batch to(const Batch& b, torch::Device device) {
  return map(b, [=](const Tensor& t) { return t.to(device, /*non_blocking=*/true); });
}

/// The examples of these numbers, [M] int64, in that order; a number may stand there several times.
inline Condition rows_at(const Condition& c, const Tensor& index) {
  return map(c, [&](const Tensor& t) { return t.index_select(0, index.to(t.device())); });
}
/// All examples of `parts` one after the other; `parts` has one at least, and all have the same tensors.
inline Batch concatenated(const std::vector<Batch>& parts) {
  std::vector<Tensor> x;
  std::map<std::string, std::vector<Tensor>> by_name;
  for (const Batch& part : parts) {
    x.push_back(part.x);
    each_tensor(part.condition, [&](const std::string& name, const Tensor& t) {
      if (t.defined()) by_name[name].push_back(t);
    });
  }
  Batch whole{.x = torch::cat(x), .condition = parts.front().condition};
  each_tensor(whole.condition, [&](const std::string& name, Tensor& t) {
    if (t.defined()) t = torch::cat(by_name.at(name));
  });
  return whole;
}

/// A condition with a place for each tensor that data of this spec may have, all undefined: what a reader of files
/// fills.
inline Condition places_of(const ConditionSpec& spec) {
  Condition c{.labels = std::vector<Tensor>(spec.labels.size()), .codes = std::vector<Tensor>(spec.codes.size())};
  for (const auto& [kind, other] : spec.others)
    for (const std::string& name : other.tensors) c.others[kind][name] = Tensor();
  return c;
}

/// Whether `each_tensor` gives a tensor of this kind of condition this name.
inline bool belongs_to(const std::string& name, const std::string& kind) {
  return name == kind || name.starts_with(kind + ".") || name.starts_with("others." + kind + ".");
}

/// The kinds that `takes` names and no others. Of labels and codes the first, as many as `takes` has.
inline Condition chosen(const Condition& all, const ConditionSpec& takes) {
  NamedTensors there;
  each_tensor(all, [&](const std::string& name, const Tensor& t) { there[name] = t; });
  const std::vector<std::string> kinds = takes.kinds();
  Condition c = places_of(takes);
  each_tensor(c, [&](const std::string& name, Tensor& t) {
    const bool taken = std::ranges::any_of(kinds, [&](const std::string& kind) { return belongs_to(name, kind); });
    if (const auto found = there.find(name); taken && found != there.end()) t = found->second;
  });
  return c;
}

}  // namespace figment
