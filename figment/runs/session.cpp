// Tested by tests/resume_test.cpp.
#include "figment/runs/session.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/machine.h"
#include "figment/base/text.h"
#include "figment/data/loader.h"
#include "figment/models/entries.h"
#include "figment/runs/checkpoints.h"
#include "figment/runs/instance.h"
#include "figment/runs/journal.h"
#include "figment/runs/parents.h"
#include "figment/runs/pictures.h"
#include "figment/runs/run_data.h"
#include "figment/runs/run_images.h"
#include "figment/runs/scorer.h"
#include "figment/tensor/tensors.h"

namespace figment {
namespace {

constexpr int64_t kInitializeImages = 1024;
constexpr double kProgressSeconds = 0.1;

/// Whether a multiple of `every` was reached between the two counts.
bool crossed(int64_t before, int64_t now, int64_t every) { return before / every != now / every; }

/// Model, average and trainer as they are before the first step.
Training build(const ReadyRun& run) {
  const TrainingOptions& options = run.recipe.training;
  Training training{.model = make_model(run.recipe, run.spec, helpers_of(run.parents), run.device)};
  if (options.average_half_life > 0) {
    training.average =
        make_model(run.recipe, run.spec, helpers_of(run.parents), run.device);  // equal seed: equal weights
    training.average->eval();
  }
  training.trainer =
      std::make_unique<Trainer>(*training.model, training.average.get(), options, model_entry(run.recipe.model).alarms);
  return training;
}

std::string sentence_of_skipped(const ReadyRun& run) {
  constexpr size_t kNamed = 5;
  const std::vector<SkippedFile>& skipped = run.data.skipped;
  std::vector<std::string> named;
  for (const auto& [name, reason] : skipped)
    if (named.size() < kNamed) named.push_back(fmt::format("{} ({})", name, reason));
  return fmt::format("{} of '{}' cannot be read and {} left out: {}{}; `figment data` shows them all",
                     counted(int64_t(skipped.size()), "file"), run.recipe.data.source,
                     skipped.size() == 1 ? "is" : "are", fmt::join(named, ", "), skipped.size() > kNamed ? " …" : "");
}

class Session {
 public:
  Session(ReadyRun run, EventSink& listener) : run_(std::move(run)), listener_(listener), training_(build(run_)) {}

  void run() {
    if (folder().checkpoint_images().empty())
      begin();
    else
      go_on();
    tell({.kind = Event::Kind::kStarted, .value = double(options().images), .text = folder().path().string()});
    try {
      loop();
    } catch (const TrainingDiverged& error) {
      journal_->keep({.kind = Event::Kind::kWarning, .images = images(), .text = error.what()});
      throw;  // whoever called tells the user
    }
    finish();
  }

 private:
  const RunFolder& folder() const { return run_.folder; }
  const TrainingOptions& options() const { return run_.recipe.training; }
  Trainer& trainer() { return *training_.trainer; }
  int64_t images() const { return training_.images(); }
  /// Of training: this start, and earlier ones up to the checkpoints from which they were resumed.
  double seconds() const { return seconds_before_ + steady_seconds() - started_; }
  Batch on_device(const Batch& batch) const { return figment::on_device(batch, run_.device, options().channels_last); }

  void tell(Event event) {
    event.images = images();
    journal_->tell(std::move(event));
  }

  void begin() {
    journal_.emplace(folder(), 0, 0, listener_);
    if (!run_.data.skipped.empty()) tell({.kind = Event::Kind::kWarning, .text = sentence_of_skipped(run_)});
    torch::manual_seed(uint64_t(options().seed));  // the noise of training, whatever building the model drew
    {
      const torch::NoGradGuard no_grad;
      training_.model->initialize(on_device(first_examples(*run_.data.train, kInitializeImages)));
      if (training_.average) load_strictly(tensors_of(*training_.model), tensors_of(*training_.average), "average");
    }
    preview();
  }

  void go_on() {
    const CheckpointNote note = restore_checkpoint(folder(), training_);
    seconds_before_ = note.seconds;
    journal_.emplace(folder(), images(), note.bytes, listener_);
    keep_best_and_last(folder(), training_.best);  // the kill may have come between the checkpoint and its naming
  }

  void loop() {
    Loader loader(*run_.data.train,
                  {.batch_size = options().batch_size, .seed = uint64_t(options().seed), .start = images()});
    started_ = last_progress_ = steady_seconds();
    started_images_ = images();
    while (!trainer().done()) {
      const int64_t before = images();
      trainer().step(on_device(loader.next()));
      after_step(before);
      if (const int signal = stop_signal(); signal != 0) stop(signal);
    }
  }

  void after_step(int64_t before) {
    const auto due = [&](int64_t every) { return crossed(before, images(), every) || trainer().done(); };
    progress();
    if (due(options().log_every)) log();
    if (due(options().preview_every)) preview();
    const bool better = due(options().evaluate_every) && score(run_, trainer(), training_.best, *journal_);
    if (better || due(options().checkpoint_every)) save();
  }

  void progress() {
    const double now = steady_seconds();
    if (now - last_progress_ < kProgressSeconds && !trainer().done()) return;
    last_progress_ = now;
    const double rate = double(images() - started_images_) / std::max(1e-9, now - started_);
    tell({.kind = Event::Kind::kProgress, .name = "images_per_second", .value = rate});
  }

  void log() {
    const std::map<std::string, double> means = trainer().take_log();
    journal_->tell_means(images(), means);
    for (const std::string& sentence : trainer().take_alarms(means))
      tell({.kind = Event::Kind::kWarning, .text = sentence});
  }

  void preview() {
    const SeededScope seeded(uint64_t(options().seed));
    const torch::NoGradGuard no_grad;
    Model& model = trainer().averaged();
    model.eval();
    for (const Picture& picture :
         preview_pictures(model, run_.parents, load_examples(folder(), run_.spec), run_.device)) {
      const std::string file = folder().write_picture(picture.name, images(), encode_png(picture.image));
      tell({.kind = Event::Kind::kImage, .name = picture.name, .text = file, .caption = picture.caption});
    }
  }

  void save() {
    save_checkpoint(folder(), training_, journal_->bytes(), seconds());
    keep_best_and_last(folder(), training_.best);
    if (std::exchange(told_images_, images()) == images()) return;
    tell({.kind = Event::Kind::kCheckpoint,
          .text = folder().checkpoint(images()).lexically_relative(folder().path()).string()});
  }

  [[noreturn]] void stop(int signal) {
    save();
    throw Interrupted(
        signal, fmt::format("stopped and saved after {} of {}; `figment resume {}` continues", with_commas(images()),
                            counted(options().images, "image"), folder().whole().string()));
  }

  void finish() {
    save();  // writes nothing new after the last step; after a kill in between it removes what the kill left
    folder().set_finished();
    tell({.kind = Event::Kind::kFinished, .value = seconds(), .text = folder().path().string()});
  }

  ReadyRun run_;
  EventSink& listener_;
  Training training_;
  std::optional<Journal> journal_;  // once it is known where the training begins
  double started_ = 0, last_progress_ = 0, seconds_before_ = 0;
  int64_t started_images_ = 0, told_images_ = -1;  // told_images_: of the last checkpoint that was told
};

void train_locked(ReadyRun run, EventSink& listener) {
  at::set_num_threads(int(run.recipe.training.threads));
  Session(std::move(run), listener).run();
}

}  // namespace

void train_run(ReadyRun run, EventSink& listener) {
  const FolderLock lock(run.folder.path());
  train_locked(std::move(run), listener);
}

void resume_run(const RunFolder& folder, EventSink& listener) {
  const FolderLock lock(folder.path());
  train_locked(reopen_run(folder), listener);
}

}  // namespace figment
