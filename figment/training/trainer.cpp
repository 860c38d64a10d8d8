#include "figment/training/trainer.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "figment/base/error.h"
#include "figment/base/text.h"
#include "figment/tensor/tensors.h"

namespace figment {
namespace {

constexpr double kAverageRamp = 0.1;  // half-life as a share of the images seen, while that is shorter

/// Losses of several groups are told apart by the group's name.
std::string named(bool many_groups, std::string_view group, std::string_view term) {
  return many_groups ? fmt::format("{}/{}", group, term) : std::string(term);
}

std::string of(const char* kind, std::string_view name) { return fmt::format("{}/{}", kind, name); }

}  // namespace

double learning_rate_share(const TrainingOptions& options, double images) {
  if (images < double(options.warm_up)) return images / double(options.warm_up);
  if (options.schedule == Schedule::kConstant) return 1;
  const double length = double(options.images - options.warm_up);
  const double done = length > 0 ? std::min(1.0, (images - double(options.warm_up)) / length) : 1;
  return options.final_rate + (1 - options.final_rate) * 0.5 * (1 + std::cos(std::numbers::pi * done));
}

double average_decay(const TrainingOptions& options, double images) {
  const double half_life = std::min(double(options.average_half_life), kAverageRamp * images);
  return half_life > 0 ? std::pow(0.5, double(options.batch_size) / half_life) : 0;
}

Trainer::Trainer(Model& model, Model* average, const TrainingOptions& options, std::vector<Alarm> alarms)
    : model_(model),
      average_(average),
      options_(options),
      alarms_(std::move(alarms)),
      outside_(alarms_.size(), 0),
      device_(torch::kCPU) {
  std::map<const void*, std::string> names;
  for (const auto& item : model.named_parameters()) names[item.value().unsafeGetTensorImpl()] = item.key();
  const auto twins = average ? average->named_parameters() : torch::OrderedDict<std::string, Tensor>();
  for (ParameterGroup& settings : model.groups()) {
    Adam optimizer(settings);
    std::vector<std::string> paths;
    std::vector<Tensor> averages;
    for (const Tensor& p : settings.parameters) {
      paths.push_back(names.at(p.unsafeGetTensorImpl()));
      if (average) averages.push_back(twins[paths.back()].detach());
      device_ = p.device();
    }
    groups_.push_back({std::move(settings), std::move(optimizer), std::move(paths), std::move(averages)});
  }
}

void Trainer::step(const Batch& batch) {
  model_.train();
  model_.train_step(batch, *this);
  images_ += batch.size();
  ++iteration_;
}

void Trainer::minimize(int index, const Batch& batch, const Objective& objective) {
  Group& group = groups_.at(size_t(index));
  group.optimizer.zero_gradients();
  const int64_t parts = options_.micro_batches, count = batch.size() / parts;  // divides: checked with the recipe
  for (int64_t i = 0; i < parts; ++i) {
    if (parts == 1)
      accumulate(group, batch, objective);  // the very batch: `shared` recognises it
    else
      accumulate(group, rows(batch, i * count, count), objective);
  }
  if (group.settings.optimizer.clip_norm > 0)
    observe(named(groups_.size() > 1, group.settings.name, "gradient_norm"), group.optimizer.clip());
  const double after = images() + double(batch.size());
  group.optimizer.step(learning_rate_share(options_, after));
  follow(group);
}

/// Gradients reach this group alone, whatever else the graph contains: nobody freezes anything.
void Trainer::accumulate(Group& group, const Batch& part, const Objective& objective) {
  LossTerms terms;
  {
    const Autocast autocast(options_.precision == Precision::kBf16, device_.type());
    terms = objective(part);
  }
  Tensor total;
  double logged = 0;
  const bool many = groups_.size() > 1;
  for (const LossTerm& term : terms) {
    const Tensor weighted = term.weight == 1 ? term.value : term.value * term.weight;
    total = total.defined() ? total + weighted : weighted;
    const double value = term.value.item<double>();
    if (!std::isfinite(value)) diverged(group.settings.name, term.name);
    logged += value * term.weight;
    Sum& sum = log_[of("train", named(many, group.settings.name, term.name))];
    sum.total += value;
    ++sum.count;
  }
  Sum& sum = log_[of("train", named(many, group.settings.name, "loss"))];
  sum.total += logged;
  ++sum.count;
  if (options_.micro_batches > 1) total = total / double(options_.micro_batches);
  total.backward({}, std::nullopt, /*create_graph=*/false, group.settings.parameters);
}

void Trainer::follow(Group& group) {
  if (!average_) return;
  const torch::NoGradGuard no_grad;
  const double keep = group.settings.averaged ? average_decay(options_, images()) : 0;
  std::vector<Tensor> weights;
  for (const Tensor& p : group.settings.parameters) weights.push_back(p.detach());
  at::_foreach_lerp_(group.averages, weights, 1 - keep);
}

Model& Trainer::averaged() {
  Model& used = average_ ? *average_ : model_;
  if (average_) {
    const torch::NoGradGuard no_grad;
    const auto buffers = model_.named_buffers();
    for (auto& item : average_->named_buffers()) item.value().copy_(buffers[item.key()]);
  }
  used.refresh();
  return used;
}

void Trainer::observe(std::string_view metric, const Tensor& value) {
  Sum& sum = log_[of("train", metric)];
  sum.total += value.item<double>();
  ++sum.count;
}

std::map<std::string, double> Trainer::take_log() {
  std::map<std::string, double> means;
  for (const auto& [name, sum] : log_) means[name] = sum.total / double(sum.count);
  for (const Group& group : groups_)
    means[of("rate", group.settings.name)] =
        group.settings.optimizer.learning_rate * learning_rate_share(options_, images());
  log_.clear();
  return means;
}

std::vector<std::string> Trainer::take_alarms(const std::map<std::string, double>& log) {
  std::vector<std::string> said;
  for (size_t i = 0; i < alarms_.size(); ++i) {
    const auto found = log.find(of("train", alarms_[i].metric));
    if (found == log.end() || outside_[i] < 0) continue;
    const bool healthy = found->second >= alarms_[i].healthy.least && found->second <= alarms_[i].healthy.most;
    outside_[i] = healthy ? 0 : outside_[i] + options_.log_every;
    if (outside_[i] <= alarms_[i].patience_images) continue;
    said.push_back(fmt::format("{} ({} is {:.4g} after {})", alarms_[i].sentence, alarms_[i].metric, found->second,
                               counted(images_, "image")));
    outside_[i] = -1;
  }
  return said;
}

void Trainer::diverged(std::string_view group, std::string_view term) const {
  throw TrainingDiverged(
      fmt::format("training step {}: '{}' of group '{}' is NaN or infinite; the last checkpoint is unharmed. Lower "
                  "the group's learning_rate or its clip_norm, or set training.precision=fp32",
                  iteration_ + 1, term, group));
}

void Trainer::expect_finite_weights() const {
  for (const Group& group : groups_)
    for (const Tensor& p : group.settings.parameters)
      if (!p.isfinite().all().item<bool>()) diverged(group.settings.name, "a weight");
}

TensorMap Trainer::state() const {
  TensorMap state;
  state["iteration"] = torch::tensor(iteration_);
  state["images"] = torch::tensor(images_);
  state["generator"] = at::globalContext().defaultGenerator(torch::kCPU).get_state();
  if (device_.is_cuda()) state["generator.device"] = at::globalContext().defaultGenerator(device_).get_state();
  for (const Group& group : groups_)
    for (size_t i = 0; i < group.paths.size(); ++i) {
      const Adam::Slot& slot = group.optimizer.slots()[i];
      state["adam.first." + group.paths[i]] = slot.first;
      state["adam.second." + group.paths[i]] = slot.second;
      state["adam.steps." + group.paths[i]] = slot.steps;
    }
  for (const auto& [name, sum] : log_)
    state["log." + name] = torch::tensor({sum.total, double(sum.count)}, torch::kFloat64);
  state["alarms"] = torch::tensor(outside_, torch::kInt64);
  return state;
}

void Trainer::load_state(const TensorMap& from, std::string_view name) {
  TensorMap into = state();
  std::erase_if(into, [](const auto& item) { return item.first.starts_with("log."); });
  TensorMap fixed = from;
  log_.clear();
  for (const auto& [key, value] : from)
    if (key.starts_with("log.")) {
      if (value.numel() != 2 || value.scalar_type() != torch::kFloat64)
        throw CheckpointError(fmt::format("{}: '{}' must hold a sum and a count", name, key));
      log_[key.substr(4)] = {value[0].item<double>(), int64_t(value[1].item<double>())};
      fixed.erase(key);
    }
  for (const char* key : {"iteration", "images", "generator", "generator.device", "alarms"})
    if (into.contains(key))
      into[key] = into[key].clone();  // of which only copies are at hand; moments are the trainer's own
  load_strictly(fixed, into, name);
  iteration_ = into["iteration"].item<int64_t>();
  images_ = into["images"].item<int64_t>();
  for (size_t i = 0; i < outside_.size(); ++i) outside_[i] = into["alarms"][int64_t(i)].item<int64_t>();
  auto cpu = at::globalContext().defaultGenerator(torch::kCPU);
  cpu.set_state(into["generator"]);
  if (device_.is_cuda()) {
    auto device = at::globalContext().defaultGenerator(device_);
    device.set_state(into["generator.device"]);
  }
}

namespace {

class ListeningStep final : public Step {
 public:
  ListeningStep(Model& model, double images) : images_(images) {
    for (const ParameterGroup& group : model.groups()) groups_.emplace_back(group.name);
  }
  void minimize(int group, const Batch& batch, const Objective& objective) override {
    const bool many = groups_.size() > 1;
    const std::string& name = groups_.at(size_t(group));
    double loss = 0;
    for (const LossTerm& term : objective(batch)) {
      const double value = term.value.item<double>();
      add(named(many, name, term.name), value);
      loss += value * term.weight;
    }
    add(named(many, name, "loss"), loss);
  }
  void observe(std::string_view metric, const Tensor& value) override {
    add(std::string(metric), value.item<double>());
  }
  int64_t iteration() const override { return 0; }
  double images() const override { return images_; }
  double progress() const override { return 1; }

  void add(const std::string& name, double value) {
    sums_[name] += value * double(size);
    weights_[name] += double(size);
  }
  std::map<std::string, double> means() const {
    std::map<std::string, double> all;
    for (const auto& [name, sum] : sums_) all[name] = sum / weights_.at(name);
    return all;
  }
  int64_t size = 0;

 private:
  double images_;
  std::vector<std::string> groups_;
  std::map<std::string, double> sums_, weights_;
};

}  // namespace

std::map<std::string, double> held_out_losses(
    Model& model, const std::function<void(const std::function<void(const Batch&)>&)>& each_batch, double images) {
  const torch::NoGradGuard no_grad;
  const bool was_training = model.is_training();
  model.eval();
  ListeningStep step(model, images);
  each_batch([&](const Batch& batch) {
    step.size = batch.size();
    model.train_step(batch, step);
  });
  model.train(was_training);
  return step.means();
}

}  // namespace figment
