#include "figment/runs/session.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "figment/base/error.h"
#include "figment/base/hash.h"
#include "figment/base/machine.h"
#include "figment/base/text.h"
#include "figment/base/version.h"
#include "figment/contracts/capabilities.h"
#include "figment/models/cards.h"
#include "figment/models/entries.h"
#include "figment/runs/checkpoint_note.h"
#include "figment/runs/pictures.h"
#include "figment/runs/pipeline.h"
#include "figment/runs/report.h"
#include "figment/runs/run_data.h"
#include "figment/runs/run_record.h"
#include "figment/runs/sample_figures.h"
#include "figment/tensor/tensors.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kExamples = 64, kPointExamples = 1000, kInitializeImages = 1024, kScoringBatch = 250;
constexpr double kProgressSeconds = 0.1;
constexpr double kRisen = 1.5;  // times the least distance: above what one evaluation differs from the next

int64_t parameter_count(Model& model) {
  int64_t count = 0;
  for (const Tensor& p : model.parameters()) count += p.numel();
  return count;
}

Batch first_of(const Dataset& data, int64_t most) {
  std::vector<Draw> draws;
  for (int64_t i = 0; i < std::min(most, data.size()); ++i) draws.push_back({i, uint64_t(i)});
  return data.read(draws);
}

/// Whether a multiple of `every` was reached between the two counts.
bool crossed(int64_t before, int64_t now, int64_t every) { return before / every != now / every; }

class Session {
 public:
  Session(const RunFolder& folder, EventSink& listener)
      : folder_(folder),
        lock_(folder.path()),
        listener_(listener),
        recipe_(read_recipe(Table::load(folder.recipe()))),
        manifest_(parse_json(read_file(folder.manifest()), folder.manifest().string())),
        spec_(
            data_spec_from_json(parse_json(read_file(folder.data()), folder.data().string()), folder.data().string())),
        device_(device_of(recipe_.training.device)),
        parents_(load_parents(folder, device_)),
        data_(open_run_data(recipe_.data, Split::kTrain, parents_, folder.out(), &spec_, &skipped_)),
        validation_(open_run_data(recipe_.data, Split::kValidation, parents_, folder.out(), &spec_, &skipped_)) {
    if (code_maker(parents_) && parents_.contains(kFeaturesRole))
      images_ = open_dataset(recipe_.data, Split::kValidation, &parents_.at(kCodesRole).spec);
    const Json& hash = find(manifest_, {"data", "hash"});
    if (!hash.is_string())
      throw RunError(fmt::format("{}: names no hash of the data (data.hash); bring back the file of the original run",
                                 folder.manifest().string()));
    if (const std::string before = hash; data_->hash() != before) {
      constexpr const char* kData =
          "the data at '{}' is not what the run began with (hash {} then, {} now); bring it "
          "back, or start a new run";
      constexpr const char* kMade =
          "the codes of the images at '{}' are not those that the run began with (hash {} "
          "then, {} now): other images, or codes made anew by another processor; bring back "
          "the images and the folder 'cache' beside the run, or start a new run";
      throw RunError(
          folder_.path().string() + ": " +
          fmt::format(fmt::runtime(code_maker(parents_) ? kMade : kData), recipe_.data.source, before, data_->hash()));
    }
  }

  void run() {
    at::set_num_threads(int(recipe_.training.threads));
    build();
    const std::vector<int64_t> saved = folder_.checkpoint_images();
    if (saved.empty())
      begin();
    else
      restore(saved.back());
    emit({.kind = Event::Kind::kStarted, .value = double(options().images), .text = folder_.path().string()});
    try {
      loop();
    } catch (const TrainingDiverged& error) {
      log_->take({.kind = Event::Kind::kWarning, .images = images(), .text = error.what(), .time = utc_now()});
      write_report(folder_.path());
      throw;  // says it to the listener's user
    }
    finish();
  }

 private:
  const TrainingOptions& options() const { return recipe_.training; }
  int64_t images() const { return int64_t(trainer_->images()); }
  /// Of training, with that of earlier starts up to the checkpoint each went on from.
  double seconds() const { return seconds_before_ + steady_seconds() - started_; }

  void build() {
    model_ = make_model(recipe_, spec_, device_);
    if (options().average_half_life > 0) {
      average_ = make_model(recipe_, spec_, device_);  // equal seed: equal weights
      average_->eval();
    }
    trainer_ = std::make_unique<Trainer>(*model_, average_.get(), options(), model_entry(recipe_.model).alarms);
  }

  void begin() {
    open_logs(EventFile::truncate(folder_.events(), 0));
    warn_of_skipped();
    torch::manual_seed(uint64_t(options().seed));  // the noise of training, whatever building the model drew
    {
      const torch::NoGradGuard no_grad;
      model_->initialize(on_device(first_of(*data_, kInitializeImages), device_, options().channels_last));
      copy_weights();
    }
    preview();
  }

  void warn_of_skipped() {
    if (skipped_.empty()) return;
    constexpr size_t kNamed = 5;
    std::vector<std::string> named;
    for (const auto& [name, reason] : skipped_)
      if (named.size() < kNamed) named.push_back(fmt::format("{} ({})", name, reason));
    emit({.kind = Event::Kind::kWarning,
          .text = fmt::format("{} of '{}' cannot be read and left out: {}{}; `figment data` shows them all",
                              counted(int64_t(skipped_.size()), "file"), recipe_.data.source, fmt::join(named, ", "),
                              skipped_.size() > kNamed ? " …" : "")});
  }

  void copy_weights() {
    if (!average_) return;
    const auto from = tensors_of(*model_);
    for (auto& [name, tensor] : tensors_of(*average_)) tensor.copy_(from.at(name));
  }

  void restore(int64_t at_images) {
    const torch::NoGradGuard no_grad;
    const fs::path checkpoint = folder_.checkpoint(at_images);
    expect_unchanged(checkpoint);
    load_weights(*model_, checkpoint / "model.safetensors");
    if (average_) load_weights(*average_, checkpoint / "average.safetensors");
    const fs::path file = checkpoint / "trainer.safetensors";
    TensorMap state = load_safetensors(file).tensors;
    const TensorMap best{{"best.score", torch::zeros({}, torch::kFloat64)},
                         {"best.images", torch::zeros({}, torch::kInt64)},
                         {"best.risen_since", torch::zeros({}, torch::kBool)}};
    TensorMap best_from;
    for (const auto& [name, tensor] : best)
      if (auto node = state.extract(name)) best_from.insert(std::move(node));
    load_strictly(best_from, best, file.string());
    best_score_ = best.at("best.score").item<double>();
    best_images_ = best.at("best.images").item<int64_t>();
    said_risen_ = best.at("best.risen_since").item<bool>();
    trainer_->load_state(state, file.string());
    const CheckpointNote note = read_note(checkpoint);
    seconds_before_ = note.seconds;
    open_logs(EventFile::truncate(folder_.events(), note.bytes));
    if (best_images_ > 0) folder_.set_best(best_images_);  // the kill may have come between the folder and its name
  }

  void open_logs(const std::string& warning) {
    log_ = std::make_unique<EventFile>(folder_.events());
    board_ = std::make_unique<TensorBoardFile>(folder_.path(), images());
    if (!warning.empty()) emit({.kind = Event::Kind::kWarning, .text = warning});
  }

  void emit(Event event) {
    event.images = images();
    event.time = utc_now();
    if (event.kind != Event::Kind::kProgress) log_->take(event);
    board_->take(event);
    listener_.take(event);
  }

  void loop() {
    Loader loader(*data_, {.batch_size = options().batch_size, .seed = uint64_t(options().seed), .start = images()});
    started_ = last_progress_ = steady_seconds();
    started_images_ = images();
    while (!trainer_->done()) {
      const int64_t before = images();
      trainer_->step(on_device(loader.next(), device_, options().channels_last));
      after_step(before);
      if (const int signal = stop_signal(); signal != 0) stop(signal);
    }
  }

  void after_step(int64_t before) {
    const auto due = [&](int64_t every) { return crossed(before, images(), every) || trainer_->done(); };
    progress();
    if (due(options().log_every)) log();
    if (due(options().preview_every)) preview();
    const bool better = due(options().evaluate_every) && score();
    if (better || due(options().checkpoint_every)) save();
  }

  void progress() {
    const double now = steady_seconds();
    if (now - last_progress_ < kProgressSeconds && !trainer_->done()) return;
    last_progress_ = now;
    const double rate = double(images() - started_images_) / std::max(1e-9, now - started_);
    emit({.kind = Event::Kind::kProgress, .name = "images_per_second", .value = rate});
  }

  void log() {
    const std::map<std::string, double> means = trainer_->take_log();
    for (const auto& [name, value] : means) emit({.kind = Event::Kind::kScalar, .name = name, .value = value});
    for (const std::string& sentence : trainer_->take_alarms(means))
      emit({.kind = Event::Kind::kWarning, .text = sentence});
  }

  /// Scores the averaged model on the validation part; true when it is the best so far.
  bool score() {
    if (validation_->size() == 0) return false;
    const SeededScope seeded(uint64_t(options().seed));  // the same noise each time: scores differ by the weights alone
    const auto each = [&](const std::function<void(const Batch&)>& f) {
      each_batch(*validation_, kScoringBatch,
                 [&](const Batch& b) { f(on_device(b, device_, options().channels_last)); });
    };
    Model& model = trainer_->averaged();
    const std::map<std::string, double> losses = held_out_losses(model, each, trainer_->images());
    for (const auto& [name, value] : losses)
      emit({.kind = Event::Kind::kScalar, .name = "validation/" + name, .value = value});
    const auto loss = losses.find("loss");
    double now = loss == losses.end() ? 0 : loss->second;
    auto* scores = dynamic_cast<ScoresLikelihood*>(&model);
    if (scores && !scores->exact()) {  // the bound at weight 1, whatever is minimised
      const torch::NoGradGuard no_grad;
      model.eval();
      torch::manual_seed(uint64_t(options().seed));
      double sum = 0;
      each([&](const Batch& b) { sum += scores->nats(b, 1).total.sum().item<double>(); });
      now = sum / double(validation_->size());
      emit({.kind = Event::Kind::kScalar, .name = "validation/bound_nats", .value = now});
    }
    bool comparable = loss != losses.end();  // where several play against each other the last counts as the best
    if (const auto judge = parents_.find(kFeaturesRole); judge != parents_.end()) {
      const torch::NoGradGuard no_grad;
      model.eval();
      if (const auto distance =
              sample_distance(*pipeline(model, parents_), judge->second, images_ ? *images_ : *validation_)) {
        now = *distance;
        comparable = true;
        emit({.kind = Event::Kind::kScalar, .name = "validation/frechet_distance", .value = now});
        warn_of_rising(now);
      }
    }
    if (!std::isfinite(now) || (comparable && best_images_ > 0 && now >= best_score_)) return false;
    best_score_ = now;
    best_images_ = images();
    said_risen_ = false;
    return true;
  }

  /// Once after each best checkpoint.
  void warn_of_rising(double distance) {
    if (said_risen_ || best_images_ == 0 || distance <= kRisen * best_score_) return;
    said_risen_ = true;
    emit({.kind = Event::Kind::kWarning,
          .text = fmt::format("rising distance: the Fréchet distance of samples is now {:.4g}, it was {:.4g} after {}. "
                              "That checkpoint stays the best one; if the distance does not fall again, stop here and "
                              "train with lower learning rates",
                              distance, best_score_, counted(best_images_, "image"))});
  }

  void preview() {
    const SeededScope seeded(uint64_t(options().seed));
    const torch::NoGradGuard no_grad;
    Model& model = trainer_->averaged();
    model.eval();
    for (const Picture& picture : preview_pictures(model, parents_, load_examples(folder_), device_)) {
      const std::string path = RunFolder::picture(picture.name, images());
      fs::create_directories((folder_.path() / path).parent_path());
      write_file(folder_.path() / path, encode_png(picture.image));
      emit({.kind = Event::Kind::kImage, .name = picture.name, .text = path, .caption = picture.caption});
    }
  }

  void save() {
    trainer_->expect_finite_weights();
    if (const fs::path target = folder_.checkpoint(images()); !fs::exists(target)) {
      TensorMap state = trainer_->state();
      state["best.score"] = torch::tensor(best_score_, torch::kFloat64);
      state["best.images"] = torch::tensor(best_images_);
      state["best.risen_since"] = torch::tensor(said_risen_);
      CheckpointNote note{.bytes = log_->size(), .seconds = seconds()};
      create_folder(target, [&](const fs::path& part) {
        const auto write = [&](const char* name, const TensorMap& tensors) {
          const std::string bytes = to_safetensors(tensors);
          note.hashes[name] = hash_of(bytes);
          write_file(part / name, bytes);
        };
        const Model& averaged = trainer_->averaged();  // where there is no average it is the model, refreshed
        write("model.safetensors", tensors_of(*model_));
        if (average_) write("average.safetensors", tensors_of(averaged));
        write("trainer.safetensors", state);
        write_note(part, note);
      });
      fs::remove(folder_.evaluation());  // it measured other weights
    }
    if (best_images_ > 0) folder_.set_best(best_images_);
    for (const int64_t other : folder_.checkpoint_images())
      if (other != images() && other != best_images_) fs::remove_all(folder_.checkpoint(other));
    if (std::exchange(announced_images_, images()) == images()) return;
    emit({.kind = Event::Kind::kCheckpoint,
          .text = fs::relative(folder_.checkpoint(images()), folder_.path()).string()});
    write_report(folder_.path());
  }

  [[noreturn]] void stop(int signal) {
    save();
    throw Interrupted(
        signal, fmt::format("stopped and saved after {} of {}; `figment resume {}` continues", with_commas(images()),
                            counted(options().images, "image"), folder_.whole().string()));
  }

  void finish() {
    save();  // writes nothing new after the last step; after a kill in between it removes what the kill left
    folder_.set_finished();
    emit({.kind = Event::Kind::kFinished, .value = seconds(), .text = folder_.path().string()});
    write_report(folder_.path());
  }

  RunFolder folder_;
  FolderLock lock_;
  EventSink& listener_;
  Recipe recipe_;
  Json manifest_;
  DataSpec spec_;
  torch::Device device_;
  Parents parents_;
  std::vector<SkippedFile> skipped_;                     // before the data sets, whose opening fills it
  std::unique_ptr<Dataset> data_, validation_, images_;  // images_: of codes that are judged by what they become
  std::unique_ptr<Model> model_, average_;
  std::unique_ptr<Trainer> trainer_;
  std::unique_ptr<EventFile> log_;
  std::unique_ptr<TensorBoardFile> board_;
  double best_score_ = 0, started_ = 0, last_progress_ = 0, seconds_before_ = 0;
  int64_t best_images_ = 0, started_images_ = 0, announced_images_ = -1;
  bool said_risen_ = false;  // since the best checkpoint
};

}  // namespace

RunFolder start_run(Recipe recipe, const std::string& command, const fs::path& out,
                    const std::function<RunFolder()>& make_folder) {
  Parents parents;
  for (const auto& [role, run] : recipe.parents)
    parents.emplace(role, load_run(RunFolder::find(run, out).trained(), device_of(recipe.training.device)));
  if (code_maker(parents)) recipe.data = parents.at(kCodesRole).recipe.data;
  const auto data = open_run_data(recipe.data, Split::kTrain, parents, out);
  const auto validation = open_run_data(recipe.data, Split::kValidation, parents, out, &data->spec());
  const auto model = expect_fit(recipe, data->spec(), data->size());
  if (const auto judge = parents.find(kFeaturesRole); judge != parents.end()) {
    if (!pipeline(*model, parents))
      throw RunError(
          fmt::format("parents.features: a {} draws nothing that could be judged; leave it out", recipe.model));
    expect_judge(judge->second, code_maker(parents) ? parents.at(kCodesRole).spec : data->spec(), "parents.features");
  }
  const ModelCard& card = model_card(recipe.model);
  const RunFolder folder = make_folder();
  fs::create_directories(folder.checkpoints());
  Json adopted = Json::object();
  for (const auto& [role, parent] : parents) adopted[role] = adopt(folder, role, parent);
  write_file(folder.data(), to_json(data->spec()).dump(2) + "\n");
  const Json manifest = {{"figment", kVersion},
                         {"libtorch", TORCH_VERSION},
                         {"model", recipe.model},
                         {"title", card.card.title},
                         {"command", command},
                         {"created", utc_now()},
                         {"seed", recipe.training.seed},
                         {"threads", recipe.training.threads},
                         {"device", recipe.training.device},
                         {"precision", kWords<Precision>[size_t(recipe.training.precision)]},
                         {"parameters", parameter_count(*model)},
                         {"parents", adopted},
                         {"data",
                          {{"source", recipe.data.source},
                           {"hash", data->hash()},
                           {"train", data->size()},
                           {"validation", validation->size()}}}};
  write_file(folder.manifest(), manifest.dump(2) + "\n");
  const int64_t examples = std::holds_alternative<PointSpec>(data->spec().x) ? kPointExamples : kExamples;
  save_examples(folder, first_of(validation->size() > 0 ? *validation : *data, examples));
  write_file(folder.recipe(), to_table(recipe).toml());  // last: a folder without it is no run
  return folder;
}

void train_run(const RunFolder& folder, EventSink& listener) { Session(folder, listener).run(); }

}  // namespace figment
