#include "figment/runs/scorer.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "figment/base/text.h"
#include "figment/contracts/capabilities.h"
#include "figment/data/loader.h"
#include "figment/data/random.h"
#include "figment/runs/feature_extractor.h"
#include "figment/runs/instance.h"
#include "figment/runs/pipeline.h"
#include "figment/tensor/tensors.h"
#include "figment/tensor/world.h"

namespace figment {
namespace {

constexpr double kRisen = 1.5;  // warn when the distance exceeds 1.5 × that of the best; less is evaluation noise

using Batches = std::function<void(const std::function<void(const Batch&)>&)>;

/// Those of this process. Where there are several, each batch has noise of a seed of its own, whoever takes it.
Batches validation_batches(const ReadyRun& run) {
  return [&run](const std::function<void(const Batch&)>& f) {
    const TrainingOptions& training = run.recipe.training;
    each_own_batch(*run.data.validation, kEvaluationBatch, [&](int64_t first, const Batch& b) {
      if (world().size() > 1) torch::manual_seed(mixed(uint64_t(training.seed), uint64_t(first)));
      f(on_device(b, run.device, training.channels_last));
    });
  };
}

/// Mean bound of −log p of an image, at weight 1 whatever is minimised; nothing where the model states no bound.
std::optional<double> bound(const ReadyRun& run, Model& model) {
  auto* scores = dynamic_cast<ScoresLikelihood*>(&model);
  if (!scores || scores->exact()) return std::nullopt;
  torch::manual_seed(uint64_t(run.recipe.training.seed));
  double sum = 0;
  do_own_part(
      [&] { validation_batches(run)([&](const Batch& b) { sum += scores->nats(b, 1).total.sum().item<double>(); }); });
  const Tensor all = torch::full({1}, sum, torch::kFloat64);
  world().sum({all});
  return all.item<double>() / double(run.data.validation->size());
}

/// Fréchet distance of what the model draws from the validation images; nothing where nobody scores samples.
std::optional<double> distance(const ReadyRun& run, Model& model) {
  const auto classifier = run.parents.find(kFeaturesRole);
  if (classifier == run.parents.end()) return std::nullopt;
  return sample_distance(*pipeline(model, run.parents), classifier->second, run.data.real());
}

}  // namespace

bool Best::improve(int64_t images_now, std::optional<double> score_now) {
  const double value = score_now.value_or(0);
  if (!std::isfinite(value) || (score_now && images > 0 && value >= score)) return false;
  *this = {.score = value, .images = images_now};
  return true;
}

std::optional<std::string> Best::warn_of_rising(double distance) {
  if (warned || images == 0 || distance <= kRisen * score) return std::nullopt;
  warned = true;
  return fmt::format(
      "rising distance: the Fréchet distance of samples is now {:.4g}, it was {:.4g} after {}. That checkpoint stays "
      "the "
      "best one; if the distance does not fall again, stop here and train with lower learning rates",
      distance, score, counted(images, "image"));
}

TensorMap Best::state() const {
  return {{"best.score", torch::tensor(score, torch::kFloat64)},
          {"best.images", torch::tensor(images)},
          {"best.risen_since", torch::tensor(warned)}};
}

Best Best::take_from(TensorMap& state, const std::string& file) {
  const TensorMap into = Best().state();
  TensorMap from;
  for (const auto& [name, tensor] : into)
    if (auto node = state.extract(name)) from.insert(std::move(node));
  load_strictly(from, into, file);
  return {.score = into.at("best.score").item<double>(),
          .images = into.at("best.images").item<int64_t>(),
          .warned = into.at("best.risen_since").item<bool>()};
}

Scored score(const ReadyRun& run, Trainer& trainer, Best& best, Journal* journal) {
  if (run.data.validation->size() == 0) return {};
  const SeededScope seeded(uint64_t(run.recipe.training.seed));
  const torch::NoGradGuard no_grad;
  const auto images = int64_t(trainer.images());
  const auto tell = [&](const std::string& name, double value) {
    if (journal)
      journal->tell({.kind = Event::Kind::kScalar, .images = images, .name = "validation/" + name, .value = value});
  };
  Model& model = trainer.averaged();
  std::optional<ValidationScore> now;
  for (const auto& [name, value] : held_out_losses(model, validation_batches(run), trainer.images())) {
    tell(name, value);
    if (name == "loss") now = {name, value};
  }
  model.eval();
  if (const auto nats = bound(run, model)) {
    now = {"bound_nats", *nats};
    tell(now->name, *nats);
  }
  if (const auto frechet = distance(run, model)) {
    now = {"frechet_distance", *frechet};
    tell(now->name, *frechet);
    if (const auto warning = journal ? best.warn_of_rising(*frechet) : std::nullopt)
      journal->tell({.kind = Event::Kind::kWarning, .images = images, .text = *warning});
  }
  const Tensor better = torch::zeros({1});
  if (journal) better.fill_(best.improve(images, now ? std::optional(now->value) : std::nullopt));
  world().share({better});
  return {better.item<float>() != 0, now};
}

}  // namespace figment
