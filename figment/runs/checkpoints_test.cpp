// Whole runs, killed and resumed: tests/resume_test.cpp.
#include "figment/runs/checkpoints.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/hash.h"

namespace figment {
namespace {
namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Throws;
using testing::ThrowsMessage;

/// One weight that follows the mean of the data.
struct Toy final : Model {
  Toy() { w = register_parameter("w", torch::zeros({1})); }
  std::vector<ParameterGroup> groups() override { return {{"toy", {w}}}; }
  void train_step(const Batch& batch, Step& step) override {
    step.minimize(0, batch, [&](const Batch& part) -> LossTerms { return {{"fit", (part.x - w).square().mean()}}; });
  }
  Tensor w;
};

class Checkpoints : public testing::Test {
 protected:
  Checkpoints() {
    std::string pattern = testing::TempDir() + "checkpoints_XXXXXX";
    folder_ = RunFolder(mkdtemp(pattern.data()));
    make_folder(folder_.checkpoints());
  }
  ~Checkpoints() override { fs::remove_all(folder_.path()); }

  static Training training() {
    const TrainingOptions options{
        .images = 1000, .batch_size = 10, .average_half_life = 50, .precision = Precision::kFp32};
    Training made{.model = std::make_unique<Toy>(), .average = std::make_unique<Toy>()};
    made.trainer = std::make_unique<Trainer>(*made.model, made.average.get(), options);
    return made;
  }
  static void step(Training& training) { training.trainer->step({.x = torch::ones({10, 1})}); }
  static float weight(const std::unique_ptr<Model>& model) { return model->parameters()[0].item<float>(); }

  void make_checkpoint(int64_t images) const {
    make_folder(folder_.checkpoint(images));
    write_note(folder_.checkpoint(images), {});
  }

  RunFolder folder_{fs::path()};
};

TEST_F(Checkpoints, WhatIsRestoredGoesOnAsIfNothingHadHappened) {
  Training first = training();
  step(first);
  step(first);
  first.best = {.score = 5, .images = 10, .warned = true};
  save_checkpoint(folder_, first, {.bytes = 123, .seconds = 4.5});

  Training second = training();
  const auto [note, processes] = restore_checkpoint(folder_, second);
  EXPECT_EQ(processes, 1);
  EXPECT_EQ(note.bytes, 123);
  EXPECT_EQ(note.seconds, 4.5);
  EXPECT_EQ(second.images(), 20);
  EXPECT_EQ(second.best.score, 5);
  EXPECT_EQ(second.best.images, 10);
  EXPECT_TRUE(second.best.warned);
  step(first);
  step(second);
  EXPECT_EQ(weight(second.model), weight(first.model));
  EXPECT_EQ(weight(second.average), weight(first.average));
  EXPECT_NE(weight(second.average), weight(second.model));
}

TEST_F(Checkpoints, TheNoteHoldsTheHashOfEachFile) {
  Training one = training();
  step(one);
  save_checkpoint(folder_, one, {});
  const auto hashes = read_note(folder_.checkpoint(10)).hashes;
  EXPECT_EQ(hashes.size(), 3u);
  for (const char* name : {"model.safetensors", "average.safetensors", "trainer.safetensors"})
    EXPECT_EQ(hashes.at(name), hash_of_file(folder_.checkpoint(10) / name)) << name;
}

TEST_F(Checkpoints, AnotherOneIsNeverWrittenOverIt) {
  Training one = training();
  step(one);
  save_checkpoint(folder_, one, {.bytes = 1});
  save_checkpoint(folder_, one, {.bytes = 2});
  EXPECT_EQ(read_note(folder_.checkpoint(10)).bytes, 1);
}

TEST_F(Checkpoints, OneWithItsScoreReplacesOneWithoutAndIsNotReplacedByIt) {
  Training one = training();
  step(one);
  save_checkpoint(folder_, one, {.scored = false});
  one.best = {.score = 5, .images = 10};
  save_checkpoint(folder_, one, {});
  save_checkpoint(folder_, one, {.scored = false});
  Training second = training();
  EXPECT_TRUE(restore_checkpoint(folder_, second).note.scored);
  EXPECT_EQ(second.best.score, 5);
}

TEST_F(Checkpoints, FiguresOfOtherWeightsAreRemoved) {
  write_file(folder_.evaluation(), "{}");
  Training one = training();
  step(one);
  save_checkpoint(folder_, one, {});
  EXPECT_FALSE(fs::exists(folder_.evaluation()));
}

TEST_F(Checkpoints, FiguresThatWereKeptBeforeAnotherBestWasNamedAreRemovedThen) {
  for (const int64_t images : {10, 20}) make_checkpoint(images);
  for (const int64_t best : {10, 20}) {
    write_file(folder_.evaluation(), R"({"checkpoint": 20})");
    keep_best_and_last(folder_, {.images = best});
    EXPECT_EQ(fs::exists(folder_.evaluation()), best == 20);
  }
}

TEST_F(Checkpoints, AWeightThatIsNanIsNotSaved) {
  Training one = training();
  step(one);
  {
    const torch::NoGradGuard no_grad;
    one.model->parameters()[0].fill_(NAN);
  }
  EXPECT_THAT([&] { save_checkpoint(folder_, one, {}); }, Throws<TrainingDiverged>());
  EXPECT_TRUE(folder_.checkpoint_images().empty());
}

TEST_F(Checkpoints, AChangedFileIsNotLoaded) {
  Training one = training();
  step(one);
  save_checkpoint(folder_, one, {});
  const fs::path file = folder_.checkpoint(10) / "average.safetensors";
  std::string bytes = read_file(file);
  bytes.back() ^= 1;
  write_file(file, bytes);
  EXPECT_THAT([&] { restore_checkpoint(folder_, one); },
              ThrowsMessage<CheckpointError>(HasSubstr("average.safetensors: the file is damaged")));
}

TEST_F(Checkpoints, OnlyTheBestAndTheLastStay) {
  for (const int64_t images : {10, 20, 30, 40}) make_checkpoint(images);
  keep_best_and_last(folder_, {.images = 20});
  EXPECT_THAT(folder_.checkpoint_images(), ElementsAre(20, 40));
  EXPECT_EQ(folder_.best_checkpoint(), folder_.checkpoint(20));
}

TEST_F(Checkpoints, OnlyWhatFigmentSavedIsRemoved) {
  make_folder(folder_.checkpoint(10) / "of a person");  // no note: figment did not write it
  make_checkpoint(30);
  const fs::path victim = folder_.path() / "victim";
  make_folder(victim);
  fs::create_directory_symlink(victim, folder_.checkpoint(20));
  write_note(victim, {});
  EXPECT_THAT([&] { keep_best_and_last(folder_, {}); },
              ThrowsMessage<FileError>(HasSubstr("cannot remove the folder")));
  EXPECT_TRUE(fs::exists(folder_.checkpoint(10) / "of a person"));
  EXPECT_TRUE(has_note(victim));
}

TEST_F(Checkpoints, BehindALinkNothingIsSavedOrRemoved) {
  for (const int64_t images : {10, 20}) make_checkpoint(images);
  const fs::path victim = folder_.path() / "victim";
  fs::rename(folder_.checkpoints(), victim);
  fs::create_directory_symlink(victim, folder_.checkpoints());
  EXPECT_THROW(keep_best_and_last(folder_, {}), FileError);
  Training one = training();
  for (int i = 0; i < 3; ++i) step(one);
  EXPECT_THROW(save_checkpoint(folder_, one, {}), FileError);
  EXPECT_EQ(entries_of(victim).size(), 2u);
}

TEST_F(Checkpoints, WithoutABestTheLastStays) {
  for (const int64_t images : {10, 20}) make_checkpoint(images);
  keep_best_and_last(folder_, {});
  EXPECT_THAT(folder_.checkpoint_images(), ElementsAre(20));
  EXPECT_EQ(folder_.best_checkpoint(), folder_.checkpoint(20));
}

}  // namespace
}  // namespace figment
