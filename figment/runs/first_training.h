// A training before its first step.
#pragma once
#include "figment/runs/checkpoints.h"
#include "figment/runs/start_run.h"

namespace figment {

/// Model, average and trainer of the run, with weights of the recipe's seed.
Training new_training(const ReadyRun&);

/// Seed of what this process draws while it trains: the recipe's in process 0.
uint64_t noise_seed(const TrainingOptions&);

/// What a model takes from the first examples before it trains (Model::initialize), for the average too. Seeds the
/// noise of the training.
void initialize(Training&, const ReadyRun&);

}  // namespace figment
