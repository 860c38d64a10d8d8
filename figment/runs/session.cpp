// Tested by tests/resume_test.cpp and tests/stop_test.cpp.
#include "figment/runs/session.h"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <utility>
#include <vector>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/machine.h"
#include "figment/data/loader.h"
#include "figment/data/random.h"
#include "figment/runs/checkpoints.h"
#include "figment/runs/first_training.h"
#include "figment/runs/instance.h"
#include "figment/runs/journal.h"
#include "figment/runs/parents.h"
#include "figment/runs/pictures.h"
#include "figment/runs/processes.h"
#include "figment/runs/run_images.h"
#include "figment/runs/run_words.h"
#include "figment/runs/scorer.h"
#include "figment/runs/speed.h"
#include "figment/runs/threads.h"
#include "figment/tensor/tensors.h"
#include "figment/tensor/world.h"

namespace figment {
namespace {

/// For threads that read while the training was asked to end; a drive may hang.
constexpr std::chrono::seconds kReading(1);

/// Whether a multiple of `every` was reached between the two counts.
bool crossed(int64_t before, int64_t now, int64_t every) { return before / every != now / every; }

Event checkpoint_event(const RunFolder& folder, int64_t images) {
  return {.kind = Event::Kind::kCheckpoint,
          .images = images,
          .text = folder.checkpoint(images).lexically_relative(folder.path()).string()};
}

class Session {
 public:
  Session(ReadyRun run, EventSink& listener)
      : run_(std::move(run)), listener_(listener), training_(new_training(run_)) {}

  void run() {
    std::optional<AgreedSignals> together;
    if (world().size() > 1) together.emplace();
    try {
      train();
    } catch (const TrainingDiverged& error) {
      if (journal_) {
        journal_->keep({.kind = Event::Kind::kWarning, .images = images(), .text = error.what()});
        journal_->end(images());
      }
      world().sum({});              // no process ends before the one that writes has written
      throw;                        // whoever called tells the user
    } catch (const Error& error) {  // a signal also ends a preview, a score or a wait for images, each with its error
      // Of several processes all hear of a signal at one place, as Interrupted; another error is that of one of them.
      const bool in_all = world().size() == 1 || dynamic_cast<const Interrupted*>(&error);
      if (stop_signal() == 0 || !begun_ || !in_all) throw;
      stop();
    }
  }

 private:
  void train() {
    if (leads()) examples_ = load_examples(folder(), run_.spec);  // a damaged file is said now, not after hours
    bool scored = true;
    if (checkpoint_to_go_on_from(folder()) > 0)
      scored = go_on();
    else
      begin();
    for (const std::string& note : run_.data.notes) tell({.kind = Event::Kind::kWarning, .text = note});
    tell({.kind = Event::Kind::kStarted,
          .value = double(options().images),
          .text = folder().path().string(),
          .caption = in_words(run_, *training_.model)});
    if (!scored) {
      score();
      preview();
      save();
    }
    loop();
    finish();
  }

  const RunFolder& folder() const { return run_.folder; }
  const TrainingOptions& options() const { return run_.recipe.training; }
  Trainer& trainer() { return *training_.trainer; }
  int64_t images() const { return training_.images(); }
  /// Of training: this start, and earlier ones up to the checkpoints from which they were resumed.
  double seconds() const { return seconds_before_ + steady_seconds() - started_; }
  Batch on_device(const Batch& batch) const { return figment::on_device(batch, run_.device, options().channels_last); }

  void tell(Event event) {
    event.images = images();
    if (journal_) journal_->tell(std::move(event));
  }

  /// Of several processes one writes.
  void open_journal(int64_t bytes) {
    if (leads()) journal_.emplace(folder(), images(), bytes, listener_);
    begun_ = true;
  }

  void begin() {
    open_journal(0);
    if (!run_.data.skipped.empty())
      tell({.kind = Event::Kind::kWarning,
            .text = sentence_of_skipped(run_.data.skipped,
                                        run_.data.train->size() + run_.data.validation->size() + run_.data.test,
                                        fmt::format("'{}'", run_.recipe.data.source))});
    initialize(training_, run_);
    preview();
  }

  /// Whether the checkpoint that it goes on from has its score.
  bool go_on() {
    const auto [note, processes] = restore_checkpoint(folder(), training_);
    seconds_before_ = note.seconds;
    if (world().rank() >= processes) torch::manual_seed(mixed(noise_seed(options()), uint64_t(images())));
    world().sum({});  // no process writes before all have read
    open_journal(note.bytes);
    if (processes != world().size())
      tell({.kind = Event::Kind::kWarning, .text = other_processes_in_words(processes, world().size())});
    if (!note.scored) return false;
    if (!journal_) return true;
    journal_->keep(checkpoint_event(
        folder(), images()));  // it came after what the checkpoint knows of events.jsonl, and was cut off
    told_images_ = images();
    keep_checkpoints();  // the kill may have come between the checkpoint and its naming
    return true;
  }

  void loop() {
    loader_.emplace(*run_.data.train, LoaderOptions{.batch_size = options().batch_size,
                                                    .seed = uint64_t(options().seed),
                                                    .threads = int(options().loader_threads),
                                                    .start = images(),
                                                    .part = world().rank(),
                                                    .parts = world().size()});
    Speed speed(images(), steady_seconds());
    while (!trainer().done()) {
      expect_no_stop_signal();
      const int64_t before = images();
      trainer().step(on_device(loader_->next()));
      if (const auto rate = speed.after(images(), steady_seconds(), trainer().done()))
        tell({.kind = Event::Kind::kProgress, .name = "images_per_second", .value = *rate});
      after_step(before);
    }
  }

  void after_step(int64_t before) {
    const auto due = [&](int64_t every) { return crossed(before, images(), every) || trainer().done(); };
    if (due(options().log_every)) log();
    const bool better = due(options().evaluate_every) && score();
    if (due(options().preview_every)) preview();
    if (better || due(options().checkpoint_every)) save();
  }

  void log() {
    const std::map<std::string, double> means = trainer().take_log();
    if (journal_) journal_->tell_means(images(), means);
    for (const std::string& sentence : trainer().take_alarms(means))
      tell({.kind = Event::Kind::kWarning, .text = sentence});
  }

  bool score() {
    if (journal_) unscored_ = journal_->bytes();
    Scored scored = figment::score(run_, trainer(), training_.best, journal_ ? &*journal_ : nullptr);
    unscored_.reset();
    score_ = {images(), std::move(scored.score)};
    return scored.better;
  }

  /// Nobody loses a training because a picture of it cannot be drawn; but a signal that cuts one short ends it.
  void preview() {
    Model& model = trainer().averaged();  // in every process: it may be the model that is trained
    do_own_part([&] {
      if (!leads()) return;
      bool cut = false;
      journal_->attempt("drawing pictures", images(), [&] {
        try {
          draw_preview(model);
        } catch (const std::exception&) {
          cut = stop_signal() != 0;
          if (!cut) throw;
        }
      });
      if (cut) expect_no_stop_signal();
    });
  }

  void draw_preview(Model& model) {
    const SeededScope seeded(uint64_t(options().seed));
    const torch::NoGradGuard no_grad;
    model.eval();
    for (const Picture& picture : preview_pictures(model, run_.parents, examples_, run_.device)) {
      journal_->attempt("pictures", images(), [&] {
        const std::string file = folder().write_picture(picture.name, images(), encode_png(picture.image));
        tell({.kind = Event::Kind::kImage, .name = picture.name, .text = file, .caption = picture.caption});
      });
    }
  }

  void save() {
    save_checkpoint(folder(), training_,
                    {.bytes = unscored_.value_or(journal_ ? journal_->bytes() : 0),
                     .seconds = seconds(),
                     .scored = !unscored_,
                     .score = score_.first == images() ? score_.second : std::nullopt});
    if (!journal_) return;
    if (!unscored_) keep_checkpoints();
    if (std::exchange(told_images_, images()) != images()) journal_->tell(checkpoint_event(folder(), images()));
  }

  void keep_checkpoints() {
    journal_->attempt("older checkpoints", images(), [&] { keep_best_and_last(folder(), training_.best); });
  }

  [[noreturn]] void stop() {
    if (images() > 0) save();
    if (journal_) journal_->end(images());
    const Interrupted stopped(stop_signal(), leads() ? stopped_in_words(folder(), images(), options().images)
                                                     : fmt::format("process {} of {} stopped with the others",
                                                                   world().rank(), world().size()));
    world().sum({});                                       // no process ends before the one that writes has written
    static auto& still_read = *new std::vector<ReadyRun>;  // data of threads that hang; gone with the process
    if (loader_ && !loader_->stop(kReading)) still_read.push_back(std::move(run_));
    throw stopped;
  }

  void finish() {
    save();  // writes nothing new after the last step; after a kill in between it removes what the kill left
    if (leads()) folder().set_finished();
    tell({.kind = Event::Kind::kFinished, .value = seconds(), .text = folder().path().string()});
  }

  ReadyRun run_;
  EventSink& listener_;
  Training training_;
  Batch examples_ = {};             // of every preview
  bool begun_ = false;              // once it is known where the training begins
  std::optional<Journal> journal_;  // from then on, in the process that writes
  std::optional<Loader> loader_;
  double started_ = steady_seconds(), seconds_before_ = 0;
  int64_t told_images_ = -1;                                  // of the last checkpoint that was told
  std::pair<int64_t, std::optional<ValidationScore>> score_;  // the newest, and how many images its weights had seen
  std::optional<int64_t> unscored_;  // while a score is being made: bytes of events.jsonl before it
};

void train_locked(ReadyRun run, EventSink& listener) {
  const TrainingOptions& training = run.recipe.training;
  const auto train = [&](EventSink& heard) { Session(std::move(run), heard).run(); };
  use_threads(int(training.threads));  // here too: codes that the next stage learns from are made by this process
  if (training.processes > 1 && world().size() == 1)
    return in_processes(int(training.processes), int(training.threads), listener, train);
  train(listener);
}

/// Of several processes one writes, and the folder is that of all.
std::optional<FolderLock> lock_of_writer(const RunFolder& folder) {
  return leads() ? std::optional<FolderLock>(folder.path()) : std::nullopt;
}

}  // namespace

void train_run(ReadyRun run, EventSink& listener) {
  const auto lock = lock_of_writer(run.folder);
  train_locked(std::move(run), listener);
}

void resume_run(const RunFolder& folder, EventSink& listener, const std::optional<std::string>& data) {
  const auto lock = lock_of_writer(folder);
  if (leads()) folder.make_ready();
  train_locked(reopen_run(folder, told_loading(listener), data), listener);
}

}  // namespace figment
