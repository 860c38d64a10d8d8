// The checkpoints of a run: written whole, restored strictly, and removed where they are neither the last nor the best.
#pragma once
#include <memory>

#include "figment/contracts/model.h"
#include "figment/records/checkpoint_note.h"
#include "figment/records/run_folder.h"
#include "figment/runs/scorer.h"
#include "figment/training/trainer.h"

namespace figment {

/// What changes while a run trains: all of it is in a checkpoint.
struct Training {
  std::unique_ptr<Model> model = {}, average = {};  ///< average: null where none is kept
  std::unique_ptr<Trainer> trainer = {};            ///< of these two
  Best best = {};

  int64_t images() const { return int64_t(trainer->images()); }
};

/// Writes checkpoints/<images> as a folder that is there whole or not at all: model, average and trainer as
/// safetensors, and `note` with the hash of each file. Does nothing where it is there already, but a scored one
/// replaces one that was not: the score is part of the state. Throws TrainingDiverged where a weight is NaN or
/// infinite, FileError.
void save_checkpoint(const RunFolder&, Training&, CheckpointNote note);

/// Images of the last checkpoint, 0 where there is none. A call of all processes: the first one knows, and what another
/// machine has in that place may be older. Throws RunError where it is another checkpoint.
int64_t checkpoint_to_go_on_from(const RunFolder&);

struct Restored {
  CheckpointNote note = {};
  int processes = 1;  ///< that trained the run when it was saved
};
/// Loads the last checkpoint. The random generator of a process that it knows nothing of stays as it is. Throws
/// CheckpointError where a file is not the one that was saved, or does not fit; the training may then be half loaded.
Restored restore_checkpoint(const RunFolder&, Training&);

/// Names the best checkpoint in the run, and removes the figures of another and all but this one and the last. Only a
/// folder with a note is a checkpoint: another one with a number for a name is left alone. Throws FileError once it has
/// tried all.
void keep_best_and_last(const RunFolder&, const Best&);

}  // namespace figment
