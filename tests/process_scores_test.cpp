// The score of a training by several processes: they share its work, it is that of one process, and a signal ends it in
// all of them.
#include <gmock/gmock.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <map>
#include <optional>

#include "figment/base/error.h"
#include "figment/base/machine.h"
#include "figment/contracts/capabilities.h"
#include "figment/models/entries.h"
#include "figment/records/checkpoint_note.h"
#include "figment/runs/engine.h"
#include "figment/runs/first_training.h"
#include "figment/runs/processes.h"
#include "figment/runs/scorer.h"
#include "figment/runs/start_run.h"
#include "figment/tensor/world.h"
#include "tests/program_folder.h"
#include "tests/same_bytes.h"

namespace figment {

/// One picture, learned with noise. In the middle of its second score it asks for an end, then takes its time.
namespace asking {

struct Config {
  Optimizer optimizer = {.learning_rate = 0.1};
  static constexpr auto schema() { return fields(field<&Config::optimizer>("optimizer")); }
};
static_assert(complete<Config>());
inline constexpr Card kCard{.title = "Asking", .paper = "none", .year = 2026, .summary = "One picture."};

class Asking : public Model, public ScoresLikelihood {
 public:
  using Config = asking::Config;
  Asking(Config config, const DataSpec& spec) : config_(config) {
    const PixelSpec& x = pixels(spec);
    picture_ = register_parameter("picture", torch::zeros({1, x.channels, x.height, x.width}));
  }
  std::vector<ParameterGroup> groups() override { return {{"model", parameters(), config_.optimizer}}; }
  void train_step(const Batch& batch, Step& step) override {
    step.minimize(kModel, batch, [&](const Batch& b) -> LossTerms {
      return {{"distance", (picture_ + 0.1 * torch::randn_like(b.x) - b.x).square().mean()}};
    });
  }
  Nats nats(const Batch& batch, int64_t) override {
    if (++batches_ == 4 && asks >= 0) {
      if (asks == world().rank()) std::raise(SIGTERM);
      for (const double end = steady_seconds() + 80; steady_seconds() < end;) expect_no_stop_signal();
    }
    return {.total = (picture_ - batch.x).square().flatten(1).sum(1)};
  }
  static inline int asks = -1;  ///< rank of the process that does; below 0: none

 private:
  Config config_;
  Tensor picture_;
  int batches_ = 0;  // that were scored in this process, two each time
};

}  // namespace asking

namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using Words = std::vector<std::string>;
using Scores = std::map<std::string, double>;

struct Heard final : EventSink {
  void take(const Event& event) override { all.push_back(event); }
  std::vector<Event> all;
};

/// What a score of the run's last checkpoint tells, by name, where so many processes make it.
Scores scores_of(const ReadyRun& run, int processes) {
  Heard heard;
  const auto work = [&](EventSink& listener) {
    Training training = new_training(run);
    restore_checkpoint(run.folder, training);
    std::optional<Journal> journal;
    if (leads()) journal.emplace(run.folder, training.images(), int64_t(fs::file_size(run.folder.events())), listener);
    Best best;
    score(run, *training.trainer, best, journal ? &*journal : nullptr);
  };
  processes == 1 ? work(heard) : in_processes(processes, 1, heard, work);
  Scores scores;
  for (const Event& event : heard.all)
    if (event.kind == Event::Kind::kScalar) scores[event.name.substr(event.name.find('/') + 1)] = event.value;
  return scores;
}

class ProcessScores : public testing::ProgramFolder {
 protected:
  /// 760 images for validation: batches of 250, 250, 250 and 10.
  void SetUp() override {
    ProgramFolder::SetUp();
    testing::write_tiny_data(folder_ / "data", 7600);
  }
  /// A short training, whose run is opened again.
  ReadyRun trained(const Words& what, const Words& settings) const {
    Words words = joined({"train"}, what);
    words = joined(words, {"--data", "data", "--threads", "1"});
    for (const char* set : {"training.images=600", "training.batch_size=20", "training.precision=fp32",
                            "training.preview_every=1e9", "training.evaluate_every=1e9"})
      words.insert(words.end(), {"--set", set});
    for (const std::string& set : settings) words.insert(words.end(), {"--set", set});
    const auto result = figment(words);
    EXPECT_EQ(result.code, 0) << result.err;
    return reopen_run(RunFolder::find("last", folder_ / "runs"));
  }
};

const Words kDense = {"model.network=dense", "model.hidden=[16]", "model.latent=3"};

void expect_same(const Scores& some, const Scores& others) {
  ASSERT_EQ(some.size(), others.size());
  for (const auto& [name, value] : some) EXPECT_NEAR(others.at(name), value, 1e-5 * std::abs(value)) << name;
}

TEST_F(ProcessScores, OfAVaeDifferFromThoseOfOneProcessByTheirNoiseAlone) {
  const ReadyRun run = trained({"vae"}, joined(kDense, {"model.likelihood=gaussian"}));  // which draws no pixels
  const Scores one = scores_of(run, 1), two = scores_of(run, 2);
  expect_same(two, scores_of(run, 3));
  expect_same(two, scores_of(run, 5));  // of which the last has no batch
  for (const char* name : {"loss", "bound_nats"}) {
    EXPECT_NEAR(two.at(name) / one.at(name), 1, 0.05) << name;
    EXPECT_NE(two.at(name), one.at(name)) << name;
  }
  EXPECT_NEAR(two.at("kl_nats"), one.at("kl_nats"), 1e-5 * one.at("kl_nats")) << "no noise is in it";
}

TEST_F(ProcessScores, OfAVqVaeAreThoseOfOneProcess) {
  const ReadyRun run = trained({"vq_vae"}, {"model.stages=1", "model.width=8", "model.blocks=1", "model.residual=4",
                                            "model.quantizer.num_codes=8", "model.quantizer.size=4"});
  const Scores one = scores_of(run, 1);
  EXPECT_TRUE(one.contains("loss"));
  expect_same(one, scores_of(run, 2));
  expect_same(one, scores_of(run, 3));
}

TEST_F(ProcessScores, TheDistanceOfAGansSamplesIsThatOfOneProcess) {
  trained({"classifier"}, {"model.width=4", "model.features=8"});
  const ReadyRun run = trained({"gan", "--parent", "features=1"}, kDense);
  const Scores one = scores_of(run, 1), two = scores_of(run, 2), three = scores_of(run, 3);
  const double distance = one.at("frechet_distance");
  EXPECT_GT(distance, 0);
  for (const Scores& shared : {two, three}) EXPECT_NEAR(shared.at("frechet_distance"), distance, 1e-5 * distance);
  expect_same(two, three);
  EXPECT_NEAR(two.at("generator/loss") / one.at("generator/loss"), 1, 0.1) << "of other noise";
}

/// Trains `asking` by two processes, or goes on with it, in this process, to which it is made known.
void train_asking(const std::string& out) {
  add_model(card_of<asking::Config>("asking", asking::kCard, "[model]\nid = \"asking\"\n"),
            entry_of<asking::Asking>({}));
  catch_stop_signals();
  ::alarm(100);  // a deadlock ends too
  Heard listener;
  Engine* const engine = figment_engine({.threads = 1});
  if (fs::exists(out)) {
    engine->resume({.run = out + "/0001-asking"}, listener);
    return;
  }
  engine->train({.recipe = Table::parse("[model]\nid = \"asking\"\n[data]\nsource = \"data\"\n[training]\n"
                                        "batch_size = 20\nimages = 400\nevaluate_every = 100\nprecision = \"fp32\"\n"
                                        "average_half_life = 100\nprocesses = 2\nthreads = 1\n",
                                        "asking.toml"),
                 .out = out},
                listener);
}

/// Whichever of them is asked, all hear it while they score, and nobody waits for a score that was cut short.
TEST_F(ProcessScores, ASignalEndsThemInAllProcessesAndTheResumedTrainingMakesItUp) {
  if (testing::is_inner()) {
    const char *out = std::getenv("FIGMENT_TEST_OUT"), *rank = std::getenv("FIGMENT_TEST_RANK");
    if (!rank) return train_asking(out);
    asking::Asking::asks = std::atoi(rank);
    const double before = steady_seconds();
    try {
      train_asking(out);
      FAIL() << "nothing was stopped";
    } catch (const Interrupted& stopped) {
      EXPECT_THAT(stopped.what(), HasSubstr("stopped and saved after 200 of 400 images"));
    }
    EXPECT_LT(steady_seconds() - before, 60) << "one of them did not hear it";
    return;
  }
  const auto inner = [&](const std::map<std::string, std::string>& environment) {
    const auto result = testing::run_inner(environment, folder_);
    ASSERT_EQ(result.code, 0) << result.out << result.err;
  };
  inner({{"FIGMENT_TEST_OUT", "alone"}});
  for (const char* rank : {"0", "1"}) {
    const fs::path run = folder_ / rank / "0001-asking";
    inner({{"FIGMENT_TEST_OUT", rank}, {"FIGMENT_TEST_RANK", rank}});
    EXPECT_FALSE(read_note(run / "checkpoints/000000200").scored) << rank;
    inner({{"FIGMENT_TEST_OUT", rank}});
    EXPECT_EQ(testing::tensors_in(run), testing::tensors_in(folder_ / "alone/0001-asking")) << rank;
  }
}

}  // namespace
}  // namespace figment
