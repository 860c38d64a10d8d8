#include "figment/runs/pipeline.h"

#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "figment/base/error.h"
#include "figment/base/machine.h"
#include "figment/data/random.h"
#include "figment/runs/parents.h"

namespace figment {
namespace {

// Coarse and fine codes never share noise, nor do two candidates of an image: candidate i has stream kCandidates + i.
constexpr uint64_t kCoarserStream = 1, kCandidates = 1000;

/// A seed for another purpose or another try.
int64_t another(int64_t seed, uint64_t stream) { return int64_t(mixed(uint64_t(seed), stream) >> 1); }

/// A model that draws, with what stands before and behind it.
class Chain {
 public:
  Chain(Samples& model, const Parents& parents)
      : model_(model), encoder_(parent_as<EmbedsConditions>(parents, kEncoderRole)), decoder_(code_maker(parents)) {
    if (auto* coarser = parent_as<Samples>(parents, kCoarserRole))
      coarser_ = std::make_unique<Chain>(*coarser, parents.at(kCoarserRole).parents);
  }

  ConditionSpec takes() const {
    ConditionSpec spec = model_.takes();
    if (encoder_) {
      spec.embedding.reset();
      spec = joined(spec, encoder_->takes());
    }
    if (coarser_) {
      spec.codes.clear();
      spec = joined(spec, coarser_->takes());
    }
    return spec;
  }

  /// The request as the model takes it.
  SampleRequest prepared(const SampleRequest& given) {
    SampleRequest request = given;
    request.condition = chosen(given.condition, model_.takes());
    if (encoder_) request.condition.embedding = encoder_->embed_condition(chosen(given.condition, encoder_->takes()));
    if (coarser_ && given.condition.codes.empty()) {
      SampleRequest coarse = given;
      for (int64_t& seed : coarse.seeds) seed = another(seed, kCoarserStream);
      coarse.go_on = part_of_progress(given.go_on, 0, 0.5);
      request.condition.codes = coarser_->grids(coarse);
      request.go_on = part_of_progress(given.go_on, 0.5, 1);
    }
    return request;
  }

  Tensor shown(const Condition& condition, const Tensor& drawn) const {
    return decoder_ ? decoder_->decode_codes(all_grids(condition, drawn)) : drawn;
  }

 private:
  std::vector<Tensor> grids(const SampleRequest& given) {
    const SampleRequest request = prepared(given);
    return all_grids(request.condition, model_.sample(request));
  }

  Samples& model_;
  EmbedsConditions* encoder_;
  EncodesDiscrete* decoder_;
  std::unique_ptr<Chain> coarser_;
};

template <class Drawing>
class Pipeline : public Drawing {
 public:
  Pipeline(Drawing& model, const Parents& parents) : model_(model), chain_(model, parents) {}
  Tensor sample(const SampleRequest& given) override {
    const SampleRequest request = chain_.prepared(given);
    return chain_.shown(request.condition, model_.sample(request));
  }
  ConditionSpec takes() const override { return chain_.takes(); }
  std::vector<std::string_view> options_used() const override { return model_.options_used(); }

 protected:
  Drawing& model_;
  Chain chain_;
};

class CompletingPipeline final : public Pipeline<Completes> {
 public:
  using Pipeline<Completes>::Pipeline;
  Tensor complete(const SampleRequest& given, const Tensor& x, int64_t rows) override {
    const SampleRequest request = chain_.prepared(given);
    return chain_.shown(request.condition, model_.complete(request, x, rows));
  }
};

class Rejecting final : public Samples {
 public:
  Rejecting(Samples& draws, Rejection rejection) : draws_(draws), rejection_(std::move(rejection)) {
    if (rejection_.most < 1)
      throw ConfigError(fmt::format("rejecting: an image has at least 1 candidate, got {}", rejection_.most));
  }
  ConditionSpec takes() const override { return draws_.takes(); }
  std::vector<std::string_view> options_used() const override { return draws_.options_used(); }

  Tensor sample(const SampleRequest& request) override {
    std::vector<Tensor> best(request.seeds.size());
    std::vector<double> scores(request.seeds.size());
    std::vector<int64_t> open(request.seeds.size());
    std::iota(open.begin(), open.end(), 0);
    for (int64_t candidate = 0; candidate < rejection_.most && !open.empty(); ++candidate) {
      SampleRequest part = candidates(request, open, candidate);
      const double before = 1 - double(open.size()) / double(request.seeds.size());
      part.go_on = part_of_progress(request.go_on, before, before);  // it can be cancelled
      const Tensor images = draws_.sample(part), score = rejection_.score(images, part.condition);
      std::vector<int64_t> failed;
      for (size_t i = 0; i < open.size(); ++i) {
        const auto number = size_t(open[i]);
        const double now = score[int64_t(i)].item<double>();
        if (!best[number].defined() || now > scores[number] || std::isnan(scores[number]))
          best[number] = images[int64_t(i)], scores[number] = now;
        if (!(now >= rejection_.least)) failed.push_back(open[i]);  // NaN does not pass
      }
      open = std::move(failed);
      const double done = 1 - double(open.size()) / double(request.seeds.size());
      report_progress(request.go_on, done);
    }
    return torch::stack(best);
  }

 private:
  static SampleRequest candidates(const SampleRequest& all, const std::vector<int64_t>& open, int64_t candidate) {
    SampleRequest part{.condition = rows_at(all.condition, torch::tensor(open)), .options = all.options};
    for (const int64_t i : open) {
      const int64_t seed = all.seeds[size_t(i)];
      part.seeds.push_back(candidate == 0 ? seed : another(seed, kCandidates + uint64_t(candidate)));
    }
    return part;
  }

  Samples& draws_;
  Rejection rejection_;
};

}  // namespace

std::vector<Tensor> all_grids(const Condition& condition, const Tensor& drawn) {
  std::vector<Tensor> grids = condition.codes;
  grids.push_back(drawn);
  return grids;
}

SampleRequest request_for(Condition condition, int64_t seed, int64_t first, int64_t count, torch::Device device) {
  SampleRequest request{.seeds = std::vector<int64_t>(size_t(count)), .condition = to(condition, device)};
  std::iota(request.seeds.begin(), request.seeds.end(), seed + first);
  request.go_on = [](double) { return stop_signal() == 0; };
  return request;
}

std::unique_ptr<Samples> pipeline(Model& model, const Parents& parents) {
  if (auto* completes = dynamic_cast<Completes*>(&model))
    return std::make_unique<CompletingPipeline>(*completes, parents);
  auto* samples = dynamic_cast<Samples*>(&model);
  return samples ? std::make_unique<Pipeline<Samples>>(*samples, parents) : nullptr;
}

std::unique_ptr<Samples> rejecting(Samples& draws, Rejection rejection) {
  return std::make_unique<Rejecting>(draws, std::move(rejection));
}

}  // namespace figment
