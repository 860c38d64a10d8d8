// How good the weights of a run are on its validation part, and which checkpoint is the best one.
#pragma once
#include <optional>
#include <string>

#include "figment/checkpoint/safetensors.h"
#include "figment/runs/journal.h"
#include "figment/runs/start_run.h"
#include "figment/training/trainer.h"

namespace figment {

/// The best checkpoint so far.
struct Best {
  double score = 0;
  int64_t images = 0;   ///< images seen when it was saved; 0: there is none yet
  bool warned = false;  ///< of a rising distance, since this checkpoint

  /// Whether the weights after `images_now` are the best so far; if so, they are from here on. A lower score is better;
  /// NaN and infinity are never the best. Weights without a score are always the best: where several groups play
  /// against each other nothing compares them, and the last checkpoint counts.
  bool improve(int64_t images_now, std::optional<double> score_now);

  /// The warning "rising distance", once after each best checkpoint, when the Fréchet distance exceeds 1.5 × that of
  /// the best; less is evaluation noise. Else nothing.
  std::optional<std::string> warn_of_rising(double distance);

  /// "best.score", "best.images", "best.risen_since" of trainer.safetensors.
  TensorMap state() const;
  /// Takes these three out of `state`. Throws CheckpointError that names `file` where one is missing or misshapen.
  static Best take_from(TensorMap& state, const std::string& file);
};

/// Scores the trainer's averaged weights on the validation part, tells the figures, and returns `best.improve` of the
/// score. The score is the Fréchet distance of samples where a classifier scores them (parents.features); else the
/// bound of −log p at weight 1 where the model has a bound; else the loss. Nothing where there is no validation part.
/// The noise is the same each time: scores differ by the weights alone.
///
/// A call of all processes that train the run. Each takes its share of the validation batches, and of the images that
/// are drawn; process 0 has the journal, which is null elsewhere, and the best checkpoint, and decides for all. One
/// process draws the noise of all batches in a row. Where there are several, each batch has a seed of its own, whoever
/// takes it: their number changes the last digits of a score, but one process scores with other noise. A Fréchet
/// distance, whose images have a seed each, and losses without noise are the same for one process too. Throws
/// Interrupted in all of them where a signal asked one for an end meanwhile.
struct Scored {
  bool better = false;                        ///< whether these weights are the best so far
  std::optional<ValidationScore> score = {};  ///< none where nothing compares weights
};
Scored score(const ReadyRun&, Trainer&, Best& best, Journal*);

}  // namespace figment
