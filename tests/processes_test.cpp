// Several processes that train one model: together they compute what one would, resume to the same bytes, and none is
// left over when another fails.
#include "figment/runs/processes.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <system_error>

#include "figment/base/error.h"
#include "figment/base/machine.h"
#include "figment/nn/vector_quantizer.h"
#include "figment/records/event_file.h"
#include "figment/records/run_folder.h"
#include "figment/tensor/world.h"
#include "figment/training/trainer.h"
#include "tests/program_folder.h"
#include "tests/same_bytes.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using Words = std::vector<std::string>;

struct Heard final : EventSink {
  void take(const Event& event) override { all.push_back(event); }
  std::vector<Event> all;
};

/// What `work` returns in each of so many processes, one after the other.
std::vector<double> numbers_of(int count, const std::function<Tensor()>& work, int threads = 1) {
  Heard heard;
  in_processes(count, threads, heard, [&](EventSink& listener) {
    const Tensor all = gathered(work().to(torch::kFloat64).reshape({1, -1})).flatten();
    if (!leads()) return;
    for (int64_t i = 0; i < all.numel(); ++i) listener.take({.value = all[i].item<double>()});
  });
  std::vector<double> numbers;
  for (const Event& event : heard.all) numbers.push_back(event.value);
  return numbers;
}

TEST(Processes, SumsAndSharesAreTheSameInAll) {
  const auto numbers = numbers_of(3, [] {
    const double rank = world().rank();
    Tensor sum = torch::full({1}, 0.1f + float(rank)), whole = torch::full({1}, int64_t(rank), torch::kInt64),
           share = torch::full({1}, 10 + rank, torch::kFloat64);
    world().sum({sum, whole});
    world().share({share});
    return torch::cat(
        {torch::full({1}, rank, torch::kFloat64), sum.to(torch::kFloat64), whole.to(torch::kFloat64), share});
  });
  ASSERT_EQ(numbers.size(), 12u);
  for (size_t rank = 0; rank < 3; ++rank) {
    EXPECT_EQ(numbers[4 * rank], double(rank));
    EXPECT_EQ(numbers[4 * rank + 1], numbers[1]) << "to the last bit";
    EXPECT_NEAR(numbers[4 * rank + 1], 3.3, 1e-6);
    EXPECT_EQ(numbers[4 * rank + 2], 3);
    EXPECT_EQ(numbers[4 * rank + 3], 10);
  }
}

/// y = x·w towards 1: what a step does depends on the whole batch.
struct Line final : Model {
  Line() { w = register_parameter("w", torch::tensor({{0.5}, {-0.25}}, torch::kFloat64)); }
  std::vector<ParameterGroup> groups() override {
    return {{.name = "model", .parameters = {w}, .optimizer = {.learning_rate = 0.1}}};
  }
  void train_step(const Batch& batch, Step& step) override {
    step.minimize(kModel, batch,
                  [&](const Batch& b) -> LossTerms { return {{"fit", (b.x.matmul(w) - 1).square().mean()}}; });
    step.observe("mean", batch.x.mean());
  }
  Tensor w;
};

/// Weights and logged means after five steps on twelve rows, of which each process sees its part.
Tensor trained() {
  Line model;
  Trainer trainer(model, nullptr, {.images = 60, .batch_size = 12, .precision = Precision::kFp32});
  const Tensor x = torch::linspace(-1, 2, 24, torch::kFloat64).view({12, 2});
  const int64_t part = 12 / world().size();
  for (int i = 0; i < 5; ++i) trainer.step({.x = x.narrow(0, world().rank() * part, part)});
  const auto log = trainer.take_log();
  return torch::cat({model.w.detach().flatten(),
                     torch::tensor({log.at("train/fit"), log.at("train/mean"), trainer.images()}, torch::kFloat64)});
}

TEST(Processes, TogetherTheyTakeTheStepsOfOne) {
  for (const auto& [count, threads] : {std::pair(2, 1), {3, 1}, {4, 1}, {2, 2}}) {
    const auto numbers = numbers_of(count, trained, threads);
    ASSERT_EQ(numbers.size(), size_t(5 * count));
    const Tensor alone = trained();
    for (int rank = 0; rank < count; ++rank)
      for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(numbers[size_t(5 * rank + i)], numbers[size_t(i)]) << "the processes differ";
        EXPECT_NEAR(numbers[size_t(i)], alone[i].item<double>(), 1e-6) << count << " processes, number " << i;
      }
  }
}

/// Codebook, hits and uses after so many steps on twelve vectors.
Tensor followed(int steps, bool revive) {
  torch::manual_seed(7 + world().rank());
  VectorQuantizer quantizer({.num_codes = 3, .size = 2, .revive_below = 0.5});
  const torch::NoGradGuard no_grad;
  quantizer.named_buffers()["codebook"].copy_(torch::tensor({{1.f, 0.f}, {0.f, 1.f}, {90.f, 90.f}}));
  quantizer.named_buffers()["sums"].copy_(quantizer.named_buffers()["codebook"]);
  const Tensor z = torch::linspace(-1, 2, 24).view({12, 2, 1, 1});
  const int64_t part = 12 / world().size();
  for (int i = 0; i < steps; ++i) {
    const Tensor own = z.narrow(0, world().rank() * part, part);
    quantizer.count(own, quantizer.forward(own).code);
    quantizer.follow(revive);
  }
  return torch::cat({quantizer.named_buffers()["codebook"].flatten(), quantizer.named_buffers()["hits"],
                     quantizer.named_buffers()["uses"]});
}

TEST(Processes, CodebooksFollowTheWholeBatch) {
  const auto numbers = numbers_of(2, [] { return followed(5, /*revive=*/false); });
  ASSERT_EQ(numbers.size(), 24u);
  const Tensor alone = followed(5, /*revive=*/false);
  for (size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(numbers[i], numbers[i + 12]) << i;
    EXPECT_NEAR(numbers[i], alone[int64_t(i)].item<double>(), 1e-4) << i;
  }
}

TEST(Processes, ADeadCodeIsRevivedAlikeInAll) {
  const auto numbers = numbers_of(2, [] { return followed(60, /*revive=*/true); });
  for (size_t i = 0; i < 12; ++i) EXPECT_EQ(numbers[i], numbers[i + 12]) << i;
  EXPECT_LT(numbers[4], 10) << "the code at 90 was moved";
}

/// Running statistics after three steps on four pictures of one pixel.
struct Normed final : Model {
  Normed() { norm = register_module("norm", torch::nn::BatchNorm2d(1)); }
  std::vector<ParameterGroup> groups() override { return {{.name = "model", .parameters = parameters()}}; }
  void train_step(const Batch& batch, Step& step) override {
    step.minimize(kModel, batch, [&](const Batch& b) -> LossTerms { return {{"fit", norm(b.x).square().mean()}}; });
    step.observe("sometimes", torch::full({}, leads() ? 4.0 : NAN));
  }
  torch::nn::BatchNorm2d norm{nullptr};
};

TEST(Processes, RunningStatisticsAndWhatIsObservedAreOfAll) {
  const auto numbers = numbers_of(2, [] {
    Normed model;
    Trainer trainer(model, nullptr, {.images = 12, .batch_size = 4});
    const Tensor x = torch::tensor({0.f, 2.f, 10.f, 20.f}).view({4, 1, 1, 1});
    for (int i = 0; i < 3; ++i) trainer.step({.x = x.narrow(0, 2 * world().rank(), 2)});
    return torch::cat({model.norm->running_mean, torch::full({1}, trainer.take_log().at("train/sometimes"))});
  });
  ASSERT_EQ(numbers.size(), 4u);
  EXPECT_EQ(numbers[0], numbers[2]);
  EXPECT_NEAR(numbers[0], 8 * (1 - std::pow(0.9, 3)), 1e-5) << "8 is the mean of the whole batch";
  EXPECT_EQ(numbers[1], 4) << "process 1 had nothing to say";
}

TEST(Processes, WhatOneThrowsIsThrownAndTheOthersEnd) {
  Heard heard;
  EXPECT_THAT(([&] {
                in_processes(2, 1, heard, [](EventSink&) {
                  if (!leads()) throw DataError("photo 7 is broken");
                  world().sum({});
                });
              }),
              ThrowsMessage<DataError>(HasSubstr("photo 7 is broken")));
  EXPECT_THROW(in_processes(2, 1, heard, [](EventSink&) { throw Error("of no kind"); }), RunError);
  EXPECT_THROW(in_processes(2, 1, heard, [](EventSink&) { throw std::system_error(EMFILE, std::generic_category()); }),
               FileError);
  const double before = steady_seconds();
  EXPECT_THAT(([&] {
                in_processes(2, 1, heard, [](EventSink&) {
                  if (!leads()) std::raise(SIGKILL);
                  std::this_thread::sleep_for(std::chrono::hours(1));  // it never notices
                });
              }),
              ThrowsMessage<RunError>(HasSubstr("process 1 of 2 was killed (Killed)")));
  EXPECT_LT(steady_seconds() - before, 60) << "it sleeps for an hour";
}

TEST(Processes, ALossThatIsNotANumberInOneIsNoneInAll) {
  Heard heard;
  EXPECT_THROW(in_processes(2, 1, heard,
                            [](EventSink&) {
                              Line model;
                              Trainer trainer(model, nullptr, {.images = 60, .batch_size = 12});
                              Tensor x = torch::ones({6, 2}, torch::kFloat64);
                              if (!leads()) x.fill_(NAN);
                              try {
                                trainer.step({.x = x});
                              } catch (const TrainingDiverged&) {
                                world().sum({});  // both are here
                                throw;
                              }
                            }),
               TrainingDiverged);
}

class ProcessesOfTheProgram : public testing::ProgramFolder {
 protected:
  Words train(const std::string& out, const Words& more = {}) const {
    Words words = {"train", "vae", "--data", "data", "--out", out, "--processes", "2"};
    words.insert(words.end(), testing::kTinyTraining.begin(), testing::kTinyTraining.end());
    for (const char* set : {"training.images=4000", "training.checkpoint_every=200", "training.evaluate_every=280",
                            "training.preview_every=3000", "training.average_half_life=500"})
      words.insert(words.end(), {"--set", set});
    return joined(words, more);
  }
};

TEST_F(ProcessesOfTheProgram, TrainOneRunAndRepeatItsBytes) {
  const auto first = figment(train("a"));
  ASSERT_EQ(first.code, 0) << first.err;
  ASSERT_EQ(figment(train("b")).code, 0);
  const auto expected = testing::tensors_in(folder_ / "a/0001-vae");
  EXPECT_GE(expected.size(), 4u);
  EXPECT_EQ(testing::tensors_in(folder_ / "b/0001-vae"), expected);
  EXPECT_THAT(read_file(folder_ / "a/0001-vae/manifest.json"), HasSubstr(R"("processes": 2)"));
  EXPECT_EQ(figment({"evaluate", "1", "--out", "a"}).code, 0);
}

TEST_F(ProcessesOfTheProgram, KilledOrStoppedTheyGoOnToTheSameBytes) {
  ASSERT_EQ(figment(train("alone")).code, 0);
  const auto expected = testing::tensors_in(folder_ / "alone/0001-vae");
  for (const std::string who : {"all", "writer", "other", "asked"}) {
    std::vector<pid_t> ranks;
    double taken = 0;
    const testing::Finished end = testing::interrupted([&] {
      fs::remove_all(folder_ / who);
      testing::Program program(train(who, {"--json"}), {}, folder_);
      if (program.says(R"("event":"checkpoint","images":600)")) ranks = program.children();
      if (ranks.size() == 2) {
        if (who == "all") program.send(SIGKILL);
        if (who == "writer") kill(ranks[0], SIGKILL);
        if (who == "other") kill(ranks[1], SIGKILL);
        if (who == "asked") program.send(SIGTERM);
      }
      const double before = steady_seconds();
      const testing::Finished finished = program.wait();
      taken = steady_seconds() - before;
      return finished;
    });
    EXPECT_LT(taken, 10) << who;
    EXPECT_EQ(end.code, who == "all" ? 128 + SIGKILL : who == "asked" ? 128 + SIGTERM : 2) << end.err;
    if (who == "other") EXPECT_THAT(end.err, HasSubstr("process 1 of 2 was killed"));
    if (who == "asked") EXPECT_THAT(end.err, HasSubstr("stopped and saved after "));
    for (const pid_t rank : ranks) EXPECT_TRUE(testing::ends(rank)) << who << " left one over";
    const auto resumed = figment({"resume", who + "/0001-vae"});
    EXPECT_EQ(resumed.code, 0) << resumed.err;
    EXPECT_EQ(testing::tensors_in(folder_ / who / "0001-vae"), expected) << who;
  }
}

TEST_F(ProcessesOfTheProgram, EveryKindOfModelGoesOnToTheSameBytes) {
  const std::map<std::string, Words> models = {
      {"vq_vae",
       {"model.stages=1", "model.width=8", "model.blocks=1", "model.residual=4", "model.quantizer.num_codes=8",
        "model.quantizer.size=4", "model.warm_up_images=400"}},
      {"vq_vae by gradient",
       {"model.stages=1", "model.width=8", "model.blocks=1", "model.residual=4", "model.quantizer.num_codes=8",
        "model.quantizer.size=4", "model.warm_up_images=400", "model.quantizer.codebook=gradient"}},
      {"gan", {"model.network=conv", "model.width=8", "model.stages=1", "model.latent=4"}},
      {"gan without an average",
       {"model.network=conv", "model.width=8", "model.stages=1", "model.latent=4", "training.average_half_life=0",
        "training.preview_every=300"}},
      {"classifier", {"model.network=pooled", "model.width=4"}}};
  for (const auto& [name, settings] : models) {
    const auto train = [&, model = name.substr(0, name.find(' '))](const std::string& out, const Words& more) {
      Words words = {"train", model, "--data", "data", "--out", out, "--processes", "2"};
      for (const char* set : {"training.images=1600", "training.batch_size=20", "training.micro_batches=2",
                              "training.checkpoint_every=200", "training.log_every=300", "training.precision=fp32",
                              "training.preview_every=1e9", "training.evaluate_every=1e9"})
        words.insert(words.end(), {"--set", set});
      for (const std::string& set : settings) words.insert(words.end(), {"--set", set});
      return joined(words, more);
    };
    const auto alone = figment(train(name + " alone", {}));
    ASSERT_EQ(alone.code, 0) << name << alone.err;
    const std::string run = std::string("0001-") + name.substr(0, name.find(' '));
    const testing::Finished end = testing::interrupted([&] {
      fs::remove_all(folder_ / (name + " stopped"));
      testing::Program program(train(name + " stopped", {"--json"}), {}, folder_);
      if (program.says(R"("event":"checkpoint","images":200)"))
        if (const std::vector<pid_t> ranks = program.children(); ranks.size() == 2)
          kill(ranks[1], SIGTERM);  // one of them alone is asked, and all stop
      return program.wait();
    });
    EXPECT_EQ(end.code, 128 + SIGTERM) << name << end.err;
    EXPECT_THAT(end.err, HasSubstr("stopped and saved after ")) << name;
    const auto resumed = figment({"resume", name + " stopped/" + run});
    EXPECT_EQ(resumed.code, 0) << name << resumed.err;
    EXPECT_EQ(testing::tensors_in(folder_ / (name + " stopped") / run),
              testing::tensors_in(folder_ / (name + " alone") / run))
        << name;
  }
}

/// A classifier draws nothing at random, so two processes compute what one does, but for the last digits.
TEST_F(ProcessesOfTheProgram, TheLossesAreThoseOfOneProcess) {
  std::vector<double> losses;
  for (const char* processes : {"1", "2"}) {
    Words words = {"train",   "classifier",  "--data",  "data",      "--out",
                   processes, "--processes", processes, "--threads", "1"};
    for (const char* set : {"training.images=200", "training.batch_size=40", "training.log_every=200",
                            "training.precision=fp32", "model.width=4", "model.features=8"})
      words.insert(words.end(), {"--set", set});
    ASSERT_EQ(figment(words).code, 0);
    for (const Event& event : read_events(folder_ / processes / "0001-classifier/events.jsonl"))
      if (event.name == "train/loss") losses.push_back(event.value);
  }
  ASSERT_EQ(losses.size(), 2u);
  EXPECT_NEAR(losses[1] / losses[0], 1, 1e-4);
}

TEST_F(ProcessesOfTheProgram, ABatchThatTheyDoNotDivideIsTrainedByOne) {
  Words words = train("out", {"--set", "training.batch_size=25"});
  const auto result = figment(words);
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("2 processes cannot share 25 images equally, so one process trains"));
  EXPECT_THAT(read_file(folder_ / "out/0001-vae/manifest.json"),
              AllOf(HasSubstr(R"("processes": 1)"), HasSubstr(R"("threads": 2)")))
      << "as many threads as they would have had together";
}

/// What a person changed in a run, or what came from elsewhere: each process would leave out examples in silence.
TEST_F(ProcessesOfTheProgram, ARunWhoseBatchTheyDoNotDivideIsNotResumed) {
  ASSERT_EQ(figment(train("out")).code, 0);
  const fs::path run = folder_ / "out/0001-vae", recipe = run / "recipe.toml";
  fs::remove(run / "finished");
  std::string text = read_file(recipe);
  const size_t at = text.find("\nprocesses = 2");
  ASSERT_NE(at, std::string::npos);
  write_file(recipe, text.replace(at, 14, "\nprocesses = 3"));
  const auto result = figment({"resume", "out/0001-vae"});
  EXPECT_EQ(result.code, 2) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("recipe.toml"), HasSubstr("3 processes cannot share 20 images equally")));
}

}  // namespace
}  // namespace figment
