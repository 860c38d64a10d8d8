// Input of a metric: a model, the data, and the networks that help to measure it.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "figment/contracts/capabilities.h"
#include "figment/contracts/model.h"
#include "figment/evaluation/evaluation.h"

namespace figment {

/// Examples in order, in batches on the model's device.
struct Examples {
  int64_t count = 0;
  int64_t opened = 0;  ///< examples of the data set that were opened: these, or more
  std::function<void(const std::function<void(const Batch&)>&)> each_batch = {};
  std::function<std::string()> hash = {};  ///< of all that was opened of the data set
};

/// A part of a data set. Its files are read when a metric first asks for it, and once.
using Part = std::function<Examples()>;

struct Parts {
  Part measured = {};                           ///< the first `n` examples of the split that is evaluated
  Part train = {}, validation = {}, test = {};  ///< the splits of the run's own data, all examples of each
};

/// The network whose features are compared. Where it names classes too, drawn images are classified.
struct FeatureExtractor {
  std::shared_ptr<EmbedsImages> network;
  std::string name;                ///< "classifier, weights 1a2b3c4d": stands beside each figure
  Evaluation::Parent parent = {};  ///< where its weights lie
};

/// The model is in eval mode and gradients are off. A metric that needs other data, anomalous images say, takes it from
/// a source of its own.
struct Subject {
  Model& model;
  Parts data = {};           ///< what the model learned to draw or to encode: images, points or codes
  Parts images = {};         ///< of codes the images that they were made of, of images `data` itself, of points nothing
  Samples* draws = nullptr;  ///< the sampling pipeline; null where the model draws nothing
  /// What the drawn images `first`, `first` + 1, … are given: on the model's device.
  std::function<Condition(int64_t first, int64_t count)> draw_condition = {};
  EncodesDiscrete* coder = nullptr;  ///< VQ encoder whose codes the model learned; null where it learned none
  std::optional<FeatureExtractor> features = {};  ///< the one that chose the run's best checkpoint, where one did
  std::optional<FeatureExtractor> second = {};    ///< another one, which chose nothing
  std::string without_features = {},
              without_second = {};  ///< where there is none: the sentence that says how to get it

  std::string split = {};    ///< name of the split that is measured
  bool of_training = false;  ///< whether the measured images are among those that the run learned from
  int64_t n = 0, seed = 0, importance_samples = 0;

  /// A figure of all `n` examples.
  Metric figure(std::string name, std::string unit, double value, std::optional<double> spread = {}) const {
    return {.name = std::move(name),
            .unit = std::move(unit),
            .split = split,
            .value = value,
            .spread = spread,
            .n = n,
            .seed = seed};
  }

  /// Told how many images have passed through a network since the last call (see MetricRow::passes). Throws to cancel.
  std::function<void(double passes)> passed = [](double) {};

  /// f of each batch of `part`. `passes`: how many times f passes each image through a network. Throws to cancel.
  void each_batch(const Part& part, const std::function<void(const Batch&)>& f, double passes = 1) const {
    part().each_batch([&](const Batch& batch) {
      f(batch);
      passed(passes * double(batch.size()));
    });
  }
};

}  // namespace figment
