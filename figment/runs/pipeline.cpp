#include "figment/runs/pipeline.h"

#include <fmt/format.h>

#include <numeric>

#include "figment/base/error.h"

namespace figment {
namespace {

template <class Drawing>
class Pipeline : public Drawing {
 public:
  Pipeline(Drawing& model, EncodesDiscrete* decoder) : model_(model), decoder_(decoder) {}
  Tensor sample(const SampleRequest& request) override { return shown(model_.sample(request)); }
  ConditionSpec takes() const override { return model_.takes(); }
  std::vector<std::string_view> heeds() const override { return model_.heeds(); }

 protected:
  Tensor shown(const Tensor& drawn) const { return decoder_ ? decoder_->decode_codes({drawn}) : drawn; }
  Drawing& model_;

 private:
  EncodesDiscrete* decoder_;
};

class CompletingPipeline final : public Pipeline<Completes> {
 public:
  using Pipeline<Completes>::Pipeline;
  Tensor complete(const SampleRequest& request, const Tensor& x, int64_t rows) override {
    return shown(model_.complete(request, x, rows));
  }
};

}  // namespace

EncodesDiscrete* code_maker(const Parents& parents) {
  const auto found = parents.find(kCodesRole);
  if (found == parents.end()) return nullptr;
  if (auto* maker = dynamic_cast<EncodesDiscrete*>(found->second.model.get())) return maker;
  throw RunError(
      fmt::format("parents.codes: '{}' is a {}, which makes no codes; name a run that does, a vq_vae. "
                  "That of a recipe of stages is RUN/STAGE; `figment runs` lists it",
                  found->second.folder.path().string(), found->second.recipe.model));
}

Condition classes_in_turn(const Samples& samples, int64_t first, int64_t count) {
  const auto label = samples.takes().label;
  if (!label) return {};
  return {.label = torch::arange(first, first + count) % int64_t(label->names.size())};
}

SampleRequest request_in_turn(const Samples& samples, int64_t seed, int64_t first, int64_t count,
                              torch::Device device) {
  SampleRequest request{.seeds = std::vector<int64_t>(size_t(count))};
  std::iota(request.seeds.begin(), request.seeds.end(), seed + first);
  request.condition = map(classes_in_turn(samples, first, count), [&](const Tensor& t) { return t.to(device); });
  return request;
}

std::unique_ptr<Samples> pipeline(Model& model, const Parents& parents) {
  if (auto* completes = dynamic_cast<Completes*>(&model))
    return std::make_unique<CompletingPipeline>(*completes, code_maker(parents));
  auto* samples = dynamic_cast<Samples*>(&model);
  return samples ? std::make_unique<Pipeline<Samples>>(*samples, code_maker(parents)) : nullptr;
}

}  // namespace figment
