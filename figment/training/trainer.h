// The only code that knows optimizers, micro-batches, precision and averages. It never sees a model's type; the model
// never sees an optimizer.
#pragma once
#include <map>
#include <memory>

#include "figment/checkpoint/safetensors.h"
#include "figment/contracts/entry.h"
#include "figment/training/adam.h"
#include "figment/training/options.h"

namespace figment {

/// Share of its learning rate that every group uses for the step that ends at `images`: linear warm-up, then constant
/// or half a cosine down to `final_rate` (Loshchilov and Hutter 2017, without restarts).
double learning_rate_share(const TrainingOptions&, double images);

/// Weight that the running average keeps while `more` images are seen after `images`: half of it is forgotten every
/// `average_half_life` images, sooner while few images have been seen (a tenth of them), so that the random start is
/// forgotten too.
double average_decay(const TrainingOptions&, double images, double more);

class Trainer final : public Step {
 public:
  /// `average`: a second instance of the model that holds the moving average of the weights, or null where no average
  /// is kept. Both must outlive the trainer. Options are resolved: precision is not `auto`.
  Trainer(Model& model, Model* average, const TrainingOptions&, std::vector<Alarm> alarms = {});

  /// One training step, of this process's part of a batch. Throws TrainingDiverged.
  void step(const Batch&);
  /// What evaluation and sampling use: the average with the model's buffers, or the model itself; refreshed. A call of
  /// all processes, since the buffers of the model that is trained may change.
  Model& averaged();

  void minimize(int group, const Batch&, const Objective&) override;
  void observe(std::string_view metric, const Tensor& value) override;
  int64_t iteration() const override { return iteration_; }
  double images() const override { return double(images_); }
  double progress() const override { return std::min(1.0, double(images_) / double(options_.images)); }
  bool done() const { return images_ >= options_.images; }

  /// Means of everything minimised and observed since the last call, by name: "train/kl_nats", "train/loss",
  /// "rate/model". On a GPU it is the one place that waits for its numbers. Throws TrainingDiverged where a loss was
  /// NaN or infinite, which a step on the CPU says at once.
  std::map<std::string, double> take_log();
  /// The sentences of the alarms whose figure left its healthy range in the interval that `take_log` returned; each
  /// comes once.
  std::vector<std::string> take_alarms(const std::map<std::string, double>& log);

  /// Everything the training remembers beside weights and buffers: moments, counts, the open log interval, alarms,
  /// the random generators of all processes. Equal states give equal tensors: no times, hosts or paths. A call of all
  /// processes.
  TensorMap state() const;
  /// Returns how many processes the state is of. Where those were others than there are now, the random generator of a
  /// process that had none stays as it is, and one of a process that is gone is dropped. A call of all processes.
  /// Throws CheckpointError.
  int load_state(const TensorMap&, std::string_view name);
  /// Throws TrainingDiverged where a weight is NaN or infinite: called before anything is written.
  void expect_finite_weights() const;
  /// Throws RunError where two processes have different weights or buffers: a sum that is missing somewhere. A call of
  /// all processes.
  void expect_same_in_all_processes() const;

 private:
  struct Group {
    ParameterGroup settings;
    Adam optimizer;
    std::vector<std::string> paths;  // names of the parameters
    std::vector<Tensor> averages;    // empty where no average is kept
    bool stepped = false;            // in this training step
    int64_t followed = 0;            // images after which the average last moved
  };

  /// Numbers of type double that stay on the model's device: to look at one there is to wait for all that was begun.
  using Values = std::vector<std::pair<std::string_view, Tensor>>;
  /// Adds the gradients of one part of the batch, and to the values those of its terms and what is minimised, "loss".
  void accumulate(Group&, const Batch&, const Objective&, Values&);
  void average_over_processes(Group&, Values&) const;
  void log(const Group&, const Values&);
  void log_observed();
  std::vector<Tensor> running_statistics() const;
  void add_to_log(const std::string& name, const Tensor& sum_and_count);
  void follow(Group&, int64_t images);
  std::vector<std::pair<std::string_view, torch::Device>> generators() const;
  [[noreturn]] void diverged(std::string_view group, std::string_view term) const;

  Model& model_;
  Model* average_;
  TrainingOptions options_;
  std::vector<Alarm> alarms_;
  std::vector<Group> groups_;
  std::vector<int64_t> outside_;                          // per alarm: images spent outside its bounds, -1 once said
  std::map<std::string, Tensor> log_;                     // sum and count [2] of what the interval brought, doubles
  std::vector<std::pair<std::string, Tensor>> observed_;  // of this step: value and 1, or 0 and 0; [2] each
  int64_t iteration_ = 0, images_ = 0;
  torch::Device device_;
};

/// Losses of a model on held-out batches: the same train_step in eval mode, with a Step that records the losses and
/// changes nothing. "loss", or "generator/loss" and the like where several groups play against each other: then no sum
/// of them says how good it is. A call of all processes, each of which brings its own batches (`do_own_part`): the
/// means are over the batches of all. A process that brings none is told none.
std::map<std::string, double> held_out_losses(
    Model&, const std::function<void(const std::function<void(const Batch&)>&)>& each_batch, double images);

}  // namespace figment
