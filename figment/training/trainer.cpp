#include "figment/training/trainer.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>
#include <utility>

#include "figment/base/error.h"
#include "figment/base/text.h"
#include "figment/tensor/tensors.h"
#include "figment/tensor/world.h"

namespace figment {
namespace {

constexpr double kAverageRamp = 0.1;  // half-life as a share of the images seen, while that is shorter
constexpr std::string_view kLoss = "loss";

/// Losses of several groups are told apart by the group's name.
std::string named(bool many_groups, std::string_view group, std::string_view term) {
  return many_groups ? fmt::format("{}/{}", group, term) : std::string(term);
}

std::string of(const char* kind, std::string_view name) { return fmt::format("{}/{}", kind, name); }

/// Where the state of a process is kept; that of the only one, or the first, has the plain name.
std::string of_rank(std::string_view name, int rank) {
  return rank == 0 ? std::string(name) : fmt::format("{}.{}", name, rank);
}

/// Where the state keeps how far the average of a group has followed it.
std::string of_average(std::string_view group) { return fmt::format("followed.{}", group); }

/// A count from a file, which may hold anything.
int64_t count_of(double value, int64_t least, std::string_view file, std::string_view key) {
  constexpr double kMost = 1e15;  // a double holds it exactly
  if (value >= double(least) && value <= kMost && value == std::floor(value)) return int64_t(value);
  throw CheckpointError(fmt::format("{}: '{}' must be a whole number from {} to {}, got {}; the file is damaged", file,
                                    key, least, kMost, value));
}

}  // namespace

double learning_rate_share(const TrainingOptions& options, double images) {
  if (images < double(options.warm_up)) return images / double(options.warm_up);
  if (options.schedule == Schedule::kConstant) return 1;
  const double length = double(options.images - options.warm_up);
  const double done = length > 0 ? std::min(1.0, (images - double(options.warm_up)) / length) : 1;
  return options.final_rate + (1 - options.final_rate) * 0.5 * (1 + std::cos(std::numbers::pi * done));
}

double average_decay(const TrainingOptions& options, double images, double more) {
  const double half_life = std::min(double(options.average_half_life), kAverageRamp * images);
  return half_life > 0 ? std::pow(0.5, more / half_life) : 0;
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
  log_observed();
  const int64_t after = images_ + batch.size() * world().size();
  for (Group& group : groups_)
    if (std::exchange(group.stepped, false)) follow(group, after);
  images_ = after;
  ++iteration_;
}

void Trainer::minimize(int index, const Batch& batch, const Objective& objective) {
  Group& group = groups_.at(size_t(index));
  group.optimizer.zero_gradients();
  const int64_t parts = options_.micro_batches, count = batch.size() / parts;  // divides: checked with the recipe
  Values values;
  for (int64_t i = 0; i < parts; ++i) {
    if (parts == 1)
      accumulate(group, batch, objective, values);  // the very batch: `shared` recognises it
    else
      accumulate(group, rows(batch, i * count, count), objective, values);
  }
  average_over_processes(group, values);
  log(group, values);
  if (group.settings.optimizer.clip_norm > 0)
    observe(named(groups_.size() > 1, group.settings.name, "gradient_norm"), group.optimizer.clip());
  const double after = images() + double(batch.size() * world().size());
  group.optimizer.step(learning_rate_share(options_, after));
  group.stepped = true;
}

/// Gradients reach this group alone, whatever else the graph contains: nobody freezes anything.
void Trainer::accumulate(Group& group, const Batch& part, const Objective& objective, Values& values) {
  LossTerms terms;
  {
    const Autocast autocast(options_.precision == Precision::kBf16, device_.type());
    terms = objective(part);
  }
  Tensor total, minimised = torch::zeros({}, torch::dtype(torch::kFloat64).device(device_));
  for (const LossTerm& term : terms) {
    const Tensor weighted = term.weight == 1 ? term.value : term.value * term.weight;
    total = total.defined() ? total + weighted : weighted;
    values.emplace_back(term.name, term.value.detach().reshape({}).to(torch::kFloat64));
    minimised = minimised + values.back().second * term.weight;
  }
  values.emplace_back(kLoss, minimised);
  const int64_t parts = options_.micro_batches * world().size();
  if (parts > 1) total = total / double(parts);
  total.backward({}, std::nullopt, /*create_graph=*/false, group.settings.parameters);
}

/// All processes see equally many images, so means of their means are means over the batch. A loss that is not a number
/// in one process is none in all, and they stop together.
void Trainer::average_over_processes(Group& group, Values& values) const {
  if (world().size() == 1) return;
  std::vector<Tensor> numbers;
  for (const auto& [name, value] : values) numbers.push_back(value);
  // Of the gradients' type, so all go in one message. A gradient is that of the process's share of the loss already.
  const Tensor means = torch::stack(numbers).to(torch::kFloat) / double(world().size());
  std::vector<Tensor> all{means};
  for (const Tensor& p : group.settings.parameters)
    if (p.grad().defined()) all.push_back(p.grad());
  world().sum(all);
  for (size_t i = 0; i < values.size(); ++i) values[i].second = means[int64_t(i)].to(torch::kFloat64);
}

void Trainer::log(const Group& group, const Values& values) {
  const bool many = groups_.size() > 1;
  const Tensor once = torch::ones({}, torch::dtype(torch::kFloat64).device(device_));
  for (const auto& [name, value] : values) {
    if (device_.is_cpu() && !std::isfinite(value.item<double>())) diverged(group.settings.name, name);
    add_to_log(of("train", named(many, group.settings.name, name)), torch::stack({value, once}));
  }
}

void Trainer::add_to_log(const std::string& name, const Tensor& sum_and_count) {
  Tensor& sum = log_[name];
  sum = sum.defined() ? sum + sum_and_count : sum_and_count;
}

/// Once a training step, however often the group stepped in it, and over all images since the last time.
void Trainer::follow(Group& group, int64_t images) {
  if (!average_) return;
  const torch::NoGradGuard no_grad;
  const double keep =
      group.settings.averaged ? average_decay(options_, double(images_), double(images - group.followed)) : 0;
  group.followed = images;
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
  const Tensor number = value.detach().reshape({}).to(device_, torch::kFloat64), none = number.isnan();
  observed_.emplace_back(of("train", metric),
                         torch::stack({number.masked_fill(none, 0), none.logical_not().to(torch::kFloat64)}));
}

/// What the model observed in this step, and the running statistics of batch norm, of which each process knows its
/// part: both go through the processes at once.
void Trainer::log_observed() {
  const torch::NoGradGuard no_grad;
  std::vector<Tensor> pairs;
  for (const auto& [name, pair] : observed_) pairs.push_back(pair);
  Tensor sums = pairs.empty() ? torch::zeros({0, 2}, torch::kFloat64) : torch::stack(pairs);  // and counts
  if (const int size = world().size(); size > 1) {
    sums = sums.to(torch::kFloat);
    std::vector<Tensor> all = running_statistics();
    all.push_back(sums);
    world().sum(all);
    all.pop_back();
    if (!all.empty()) at::_foreach_div_(all, double(size));
    sums = sums.to(torch::kFloat64);
  }
  const Tensor count = sums.select(1, 1), some = count.gt(0);
  const Tensor means = torch::stack({sums.select(1, 0) / count.clamp_min(1), some.to(torch::kFloat64)}, 1);
  for (size_t i = 0; i < observed_.size(); ++i) add_to_log(observed_[i].first, means[int64_t(i)]);
  observed_.clear();
}

std::vector<Tensor> Trainer::running_statistics() const {
  std::vector<Tensor> all;
  for (const auto& module : model_.modules(/*include_self=*/false))
    if (const auto* norm = module->as<torch::nn::BatchNorm2dImpl>(); norm && norm->running_mean.defined())
      all.insert(all.end(), {norm->running_mean, norm->running_var});
  return all;
}

std::map<std::string, double> Trainer::take_log() {
  std::map<std::string, double> means;
  std::vector<Tensor> sums;
  for (const auto& [name, sum] : log_) sums.push_back(sum);
  if (!sums.empty()) {
    const Tensor all = torch::stack(sums).cpu();  // one wait for all of them
    const auto numbers = all.accessor<double, 2>();
    int64_t row = 0;
    for (const auto& [name, sum] : log_) {
      if (numbers[row][1] > 0) means[name] = numbers[row][0] / numbers[row][1];
      ++row;
    }
  }
  for (const Group& group : groups_) {
    const auto loss = means.find(of("train", named(groups_.size() > 1, group.settings.name, kLoss)));
    if (loss != means.end() && !std::isfinite(loss->second)) diverged(group.settings.name, kLoss);
  }
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

void Trainer::expect_same_in_all_processes() const {
  if (world().size() == 1) return;
  const torch::NoGradGuard no_grad;
  std::vector<Tensor> own, first;
  for (const auto& [name, tensor] : tensors_of(model_)) own.push_back(tensor), first.push_back(tensor.clone());
  world().share(first);
  const Tensor different = torch::zeros({1});
  for (size_t i = 0; i < own.size(); ++i)
    if (!own[i].equal(first[i])) different.fill_(1);
  world().sum({different});
  if (different.item<float>() > 0)
    throw RunError(
        fmt::format("after {} the processes of this training have different weights, so it cannot go on; "
                    "this is a mistake of figment: please report it, and train with --processes 1",
                    counted(images_, "image")));
}

/// The random generators that a training draws from, by their names in a checkpoint.
std::vector<std::pair<std::string_view, torch::Device>> Trainer::generators() const {
  std::vector<std::pair<std::string_view, torch::Device>> all{{"generator", torch::kCPU}};
  if (device_.is_cuda()) all.emplace_back("generator.device", device_);
  return all;
}

TensorMap Trainer::state() const {
  TensorMap state;
  state["iteration"] = torch::tensor(iteration_);
  state["images"] = torch::tensor(images_);
  for (const auto& [name, device] : generators()) {
    const Tensor all = gathered(at::globalContext().defaultGenerator(device).get_state().unsqueeze(0));
    for (int rank = 0; rank < world().size(); ++rank) state[of_rank(name, rank)] = all[rank];
  }
  for (const Group& group : groups_)
    for (size_t i = 0; i < group.paths.size(); ++i) {
      const Adam::Slot& slot = group.optimizer.slots()[i];
      state["adam.first." + group.paths[i]] = slot.first;
      state["adam.second." + group.paths[i]] = slot.second;
      state["adam.steps." + group.paths[i]] = slot.steps;
    }
  for (const auto& [name, sum] : log_)
    if (sum[1].item<double>() > 0) state["log." + name] = sum.clone();
  if (average_)
    for (const Group& group : groups_) state[of_average(group.settings.name)] = torch::tensor(group.followed);
  state["alarms"] = torch::tensor(outside_, torch::kInt64);
  return state;
}

int Trainer::load_state(const TensorMap& from, std::string_view name) {
  TensorMap into = state();
  std::erase_if(into, [](const auto& item) { return item.first.starts_with("log."); });
  TensorMap fixed = from;
  log_.clear();
  for (const auto& [key, value] : from)
    if (key.starts_with("log.")) {
      if (value.dim() != 1 || value.numel() != 2 || value.scalar_type() != torch::kFloat64)
        throw CheckpointError(fmt::format("{}: '{}' must hold a sum and a count", name, key));
      count_of(value[1].item<double>(), 1, name, key);
      log_[key.substr(4)] = value.to(device_, /*non_blocking=*/false, /*copy=*/true);
      fixed.erase(key);
    }
  // The average of an earlier figment followed after every step, and its state does not say so.
  if (const auto images = from.find("images"); average_ && images != from.end())
    for (const Group& group : groups_) fixed.try_emplace(of_average(group.settings.name), images->second);
  int processes = 1;
  while (from.contains(of_rank("generator", processes))) ++processes;
  for (const auto& [generator_name, device] : generators()) {
    for (int rank = processes; rank < world().size(); ++rank) into.erase(of_rank(generator_name, rank));
    for (int rank = world().size(); rank < processes; ++rank) fixed.erase(of_rank(generator_name, rank));
  }
  for (auto& [key, value] : into)
    if (!key.starts_with("adam.")) value = value.clone();  // only copies are at hand; moments are the trainer's own
  load_strictly(fixed, into, name);
  const auto number = [](const Tensor& value) { return value.item<double>(); };
  for (const auto& [key, value] : into)
    if (key.starts_with("adam.steps.")) count_of(number(value), 0, name, key);
  iteration_ = count_of(number(into["iteration"]), 0, name, "iteration");
  images_ = count_of(number(into["images"]), 0, name, "images");
  for (Group& group : groups_)
    if (const std::string key = of_average(group.settings.name); average_)
      group.followed = count_of(number(into[key]), 0, name, key);
  for (size_t i = 0; i < outside_.size(); ++i)
    outside_[i] = count_of(number(into["alarms"][int64_t(i)]), -1, name, "alarms");
  for (const auto& [generator_name, device] : generators()) try {
      if (world().rank() >= processes) continue;
      at::Generator generator = at::globalContext().defaultGenerator(device);
      generator.set_state(into[of_rank(generator_name, world().rank())]);
    } catch (const c10::Error& error) {
      throw CheckpointError(fmt::format("{}: '{}' is no state of a random generator: {}; the file is damaged", name,
                                        generator_name, error.what_without_backtrace()));
    }
  return processes;
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
      add(named(many, name, term.name), value, size);
      loss += value * term.weight;
    }
    add(named(many, name, kLoss), loss, size);
  }
  void observe(std::string_view metric, const Tensor& value) override {
    const auto number = value.item<double>();
    const bool nothing_to_say = std::isnan(number);
    add(std::string(metric), nothing_to_say ? 0 : number, nothing_to_say ? 0 : size);
  }
  int64_t iteration() const override { return 0; }
  double images() const override { return images_; }
  double progress() const override { return 1; }

  /// Adds what the other processes have seen. All know the same names, but one that had no batch knows none.
  void add_up() {
    const Tensor count = torch::tensor(std::vector<int64_t>{int64_t(sums_.size())});
    world().share({count});
    const Tensor all = torch::zeros({2, count.item<int64_t>()}, torch::kFloat64);  // totals, weights
    int64_t i = 0;
    for (const auto& [name, sum] : sums_) {
      all[0][i].fill_(sum.total);
      all[1][i++].fill_(sum.weight);
    }
    world().sum({all});
    i = 0;
    for (auto& [name, sum] : sums_) {
      sum = {all[0][i].item<double>(), all[1][i].item<double>()};
      ++i;
    }
  }
  std::map<std::string, double> means() const {
    std::map<std::string, double> all;
    for (const auto& [name, sum] : sums_)
      if (sum.weight > 0) all[name] = sum.total / sum.weight;
    return all;
  }
  int64_t size = 0;

 private:
  struct Sum {
    double total = 0, weight = 0;
  };
  void add(const std::string& name, double value, int64_t weight) {
    Sum& sum = sums_[name];
    sum.total += value * double(weight);
    sum.weight += double(weight);
  }

  double images_;
  std::vector<std::string> groups_;
  std::map<std::string, Sum> sums_;
};

}  // namespace

std::map<std::string, double> held_out_losses(
    Model& model, const std::function<void(const std::function<void(const Batch&)>&)>& each_batch, double images) {
  const torch::NoGradGuard no_grad;
  const bool was_training = model.is_training();
  model.eval();
  ListeningStep step(model, images);
  do_own_part([&] {
    each_batch([&](const Batch& batch) {
      step.size = batch.size();
      model.train_step(batch, step);
    });
  });
  step.add_up();
  model.train(was_training);
  return step.means();
}

}  // namespace figment
