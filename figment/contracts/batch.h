// What flows: the same shape as the spec, with tensors in it. What is absent stays undefined.
// Legend: N batch, C channels, H W extents, K codes, T tokens or frames, O objects, E embedding size.
#pragma once
#include <torch/torch.h>

#include "figment/config/field.h"
#include "figment/contracts/spec.h"

namespace figment {

using torch::Tensor;

struct Text {
  Tensor token, mask;
};  ///< [N,T] int64 · [N,T] bool
struct Audio {
  Tensor mel, length;
};  ///< [N,M,T] log-mel · [N] int64 frames
struct Layout {
  Tensor box, label, mask;
};  ///< [N,O,4] xywh in [0,1] · [N,O] int64 · [N,O] bool

struct Condition {
  Tensor label = {};  ///< [N] int64
  Text text = {};
  Tensor image = {};  ///< [N,C,H,W] in [-1,1]
  Audio audio = {};
  Layout layout = {};
  Tensor embedding = {};           ///< [N,E], from a frozen encoder
  std::vector<Tensor> codes = {};  ///< each [N,h,w] int64
};
static_assert(member_count<Condition>() == member_count<ConditionSpec>(), "a kind has a spec and a tensor");

struct Batch {
  Tensor x = {};  ///< what is modelled: [N,C,H,W] in [-1,1], or [N,H,W] int64 codes
  Condition condition = {};
  int64_t size() const { return x.size(0); }
};

/// The one place that knows every tensor of a condition. Slicing, moving, stacking and mixing are calls of it.
template <class F>
Condition map(Condition c, F&& f) {
  auto& [label, text, image, audio, layout, embedding, codes] = c;  // a new member breaks this line: list its tensors
  for (Tensor* t : {&label, &text.token, &text.mask, &image, &audio.mel, &audio.length, &layout.box, &layout.label,
                    &layout.mask, &embedding})
    if (t->defined()) *t = f(*t);
  for (Tensor& t : codes) t = f(t);
  return c;
}
template <class F>
Batch map(const Batch& b, F&& f) {
  return {f(b.x), map(b.condition, f)};
}

inline Batch rows(const Batch& b, int64_t first, int64_t count) {
  return map(b, [=](const Tensor& t) { return t.narrow(0, first, count); });
}
inline Batch to(const Batch& b, torch::Device device) {
  return map(b, [=](const Tensor& t) { return t.to(device, /*non_blocking=*/true); });
}

}  // namespace figment
