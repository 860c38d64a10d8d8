#include "figment/runs/evaluate_run.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/media/image.h"
#include "figment/runs/checkpoints.h"
#include "figment/runs/feature_extractor.h"
#include "figment/runs/run_data.h"
#include "tests/program_folder.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

/// A VAE and a classifier of the same images.
class EvaluateRun : public testing::ProgramFolder {
 protected:
  void SetUp() override {
    ProgramFolder::SetUp();
    ASSERT_EQ(figment(joined({"train", "vae", "--data", (folder_ / "data").string()}, testing::kTinyTraining)).code, 0);
    ASSERT_EQ(figment({"train", "classifier", "--data", (folder_ / "data").string(), "--set", "model.width=4", "--set",
                       "model.features=8", "--set", "training.images=200", "--set", "training.batch_size=20", "--set",
                       "training.precision=fp32", "--threads", "1"})
                  .code,
              0);
  }
  RunFolder vae() const { return RunFolder::at(folder_ / "runs/0001-vae"); }
  /// Changes a byte of a file of the data, counted from its end.
  void change_last_byte(const std::string& name, int64_t before_the_last = 0) const {
    std::string bytes = read_file(folder_ / "data" / name);
    bytes[bytes.size() - 1 - size_t(before_the_last)] ^= 1;
    write_file(folder_ / "data" / name, bytes);
  }
  /// Every file of the run with its size.
  std::map<std::string, uintmax_t> files() const {
    std::map<std::string, uintmax_t> files;
    for (const auto& entry : fs::recursive_directory_iterator(vae().path()))
      files[entry.path().string()] = entry.is_regular_file() ? entry.file_size() : 0;
    return files;
  }
};

/// A training goes on: the same weights after more images are the best now, and only they stay.
void train_on(const RunFolder& run, int64_t images) {
  const fs::path last = run.checkpoint(run.checkpoint_images().back());
  create_folder(run.checkpoint(images), [&](const fs::path& part) {
    for (const fs::path& file : entries_of(last)) write_file(part / file.filename(), read_file(file));
  });
  keep_best_and_last(run, {.images = images});
}

}  // namespace

TEST_F(EvaluateRun, FiguresSayWhichCheckpointTheyAreOf) {
  const Evaluation evaluation = evaluate_run(load_run(vae(), torch::kCPU), {.count = 10, .importance_samples = 0});
  EXPECT_EQ(evaluation.images, 2000);
  const Json kept = parse_json(read_file(vae().evaluation()), "evaluation.json");
  EXPECT_EQ(kept["checkpoint"], 2000);
  EXPECT_THAT(read_file(vae().report()), HasSubstr("with the checkpoint after 2,000 images"));
  const auto printed = figment({"evaluate", "1", "-n", "10", "-k", "0"});
  EXPECT_THAT(printed.out, HasSubstr("measured: the checkpoint after 2,000 images\n"));
}

TEST_F(EvaluateRun, FiguresOfACheckpointThatIsTheBestNoMoreAreNotKept) {
  const LoadedRun run = load_run(vae(), torch::kCPU);
  train_on(vae(), 3000);
  const Evaluation evaluation = evaluate_run(run, {.count = 10, .importance_samples = 0});
  EXPECT_THAT(evaluation.warnings, Contains(AllOf(HasSubstr("the figures are not kept in the run"),
                                                  HasSubstr("the checkpoint after 2,000 images"),
                                                  HasSubstr("that after 3,000; evaluate again"))));
  EXPECT_FALSE(fs::exists(vae().evaluation()));
}

TEST_F(EvaluateRun, FiguresOfAnotherCheckpointThanTheBestAreMeasuredAndNotKept) {
  const int64_t images = vae().best_images();
  const fs::path before = vae().checkpoint(images);
  create_folder(vae().checkpoint(images + 1000), [&](const fs::path& part) {
    for (const fs::path& file : entries_of(before)) write_file(part / file.filename(), read_file(file));
  });
  vae().set_best(images);
  const Evaluation evaluation =
      evaluate_run(load_run(vae(), torch::kCPU, "last"), {.count = 10, .importance_samples = 0});
  EXPECT_EQ(evaluation.images, images + 1000);
  EXPECT_THAT(evaluation.warnings,
              Contains(AllOf(HasSubstr("of the checkpoint after 3,000 images, and a run keeps the figures of its best"),
                             HasSubstr("that after 2,000"))));
  EXPECT_FALSE(fs::exists(vae().evaluation()));
  const auto printed = figment({"evaluate", "1", "-n", "10", "-k", "0", "--checkpoint", "3000"});
  EXPECT_THAT(printed.out, HasSubstr("measured: the checkpoint after 3,000 images\n"));
  EXPECT_THAT(figment({"sample", "1", "--checkpoint", "7"}).err, HasSubstr("has no checkpoint '7'; it keeps"));
}

TEST_F(EvaluateRun, FiguresOfEarlierWeightsAreNotAddedTo) {
  evaluate_run(load_run(vae(), torch::kCPU), {.count = 10, .importance_samples = 2});
  EXPECT_TRUE(parse_json(read_file(vae().evaluation()), "evaluation.json")["metrics"].contains("iwae_2_nats"));
  train_on(vae(), 3000);
  evaluate_run(load_run(vae(), torch::kCPU), {.count = 10, .importance_samples = 0});
  const Json kept = parse_json(read_file(vae().evaluation()), "evaluation.json");
  EXPECT_EQ(kept["checkpoint"], 3000);
  EXPECT_FALSE(kept["metrics"].contains("iwae_2_nats")) << kept["metrics"].dump();
}

TEST_F(EvaluateRun, ARunIsOpenedWhileATrainingRemovesCheckpoints) {
  std::atomic<bool> stop = false;
  std::thread training([&] {  // each time the one checkpoint is gone and a newer one is there
    for (int64_t images = 2000; !stop; images += 10) {
      fs::rename(vae().checkpoint(images), vae().checkpoint(images + 10));
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
  EXPECT_NO_THROW({
    for (int i = 0; i < 200; ++i) EXPECT_GE(load_run(vae(), torch::kCPU).images, 2000);
  });
  stop = true;
  training.join();
}

TEST_F(EvaluateRun, ProgressRisesOnceFromZeroToOne) {
  std::vector<double> shares;
  EvaluateRequest request{.importance_samples = 2};
  request.go_on = [&](double done) { return shares.push_back(done), true; };
  evaluate_run(load_run(vae(), torch::kCPU), request);
  EXPECT_TRUE(std::ranges::is_sorted(shares));
  EXPECT_EQ(shares.front(), 0);
  EXPECT_EQ(shares.back(), 1);
  EXPECT_GT(std::ranges::count_if(shares, [](double done) { return done > 0 && done < 1; }), 6);
}

TEST_F(EvaluateRun, CancelledAnywhereItThrowsAndLeavesNothingBehind) {
  const LoadedRun run = load_run(vae(), torch::kCPU);
  const auto before = files();
  size_t last = 0;
  for (bool cancelled = true; cancelled; ++last) {
    size_t step = 0;
    cancelled = false;
    EvaluateRequest request{.importance_samples = 2};
    request.go_on = [&](double done) {
      cancelled = step++ == last && done < 1;
      return !cancelled;
    };
    try {
      evaluate_run(run, request);
      EXPECT_FALSE(cancelled) << last;
    } catch (const RunError& error) {
      EXPECT_STREQ(error.what(), "cancelled");
      EXPECT_EQ(files(), before) << last;
    }
  }
  EXPECT_GT(last, 6u);
  EXPECT_GT(files().size(), before.size()) << "not cancelled it keeps its figures";
}

TEST_F(EvaluateRun, OtherTestImagesInTheirPlaceAreSaidOfAFewToo) {
  change_last_byte("t10k-images-idx3-ubyte");
  const Evaluation evaluation = evaluate_run(load_run(vae(), torch::kCPU), {.count = 10, .importance_samples = 0});
  EXPECT_THAT(evaluation.warnings,
              Contains(HasSubstr("test split: these are not the test images that the run began with, so figures of 10 "
                                 "of them are not kept")));
  EXPECT_FALSE(fs::exists(vae().evaluation()));
  EXPECT_THAT(figment({"encode", "1", "-o", "codes.npy"}).err,
              HasSubstr("test split: these are not the images that the run began with"));
}

TEST_F(EvaluateRun, OtherTrainingImagesInTheirPlaceAreSaid) {
  const std::string said = "the training images are not those that the run learned from";
  const EvaluateRequest request{.importance_samples = 0};
  EXPECT_THAT(evaluate_run(load_run(vae(), torch::kCPU), request).warnings, Not(Contains(HasSubstr(said))));
  for (int64_t row = 0; row < 400; ++row) change_last_byte("train-images-idx3-ubyte", 64 * row);
  EXPECT_THAT(evaluate_run(load_run(vae(), torch::kCPU), request).warnings, Contains(HasSubstr(said)));
}

TEST_F(EvaluateRun, TellsHowFarTheReadingOfImagesIs) {
  fs::create_directories(folder_ / "photos");
  for (int i = 0; i < 200; ++i) {
    Image image{.width = 8, .height = 8, .channels = 1};
    for (int k = 0; k < 64; ++k) image.pixels.push_back(uint8_t((i * 37 + k * 101) % 251));
    write_file(folder_ / "photos" / (std::to_string(i) + ".png"), encode_png(image));
  }
  std::vector<double> shares;
  EvaluateRequest request{.data = (folder_ / "photos").string(), .split = Split::kAll, .importance_samples = 0};
  request.go_on = [&](double done) { return shares.push_back(done), true; };
  evaluate_run(load_run(vae(), torch::kCPU), request);
  EXPECT_TRUE(std::ranges::is_sorted(shares));
  EXPECT_TRUE(std::ranges::any_of(shares, [](double share) { return share > 0 && share <= kOfLoading; }));
  EXPECT_EQ(shares.back(), 1);
}

TEST_F(EvaluateRun, MeasuresNoMoreExamplesThanAsked) {
  const LoadedRun run = load_run(vae(), torch::kCPU);
  const Evaluation evaluation = evaluate_run(run, {.count = 10, .importance_samples = 0});
  for (const Metric& metric : evaluation.metrics) EXPECT_EQ(metric.n, 10) << metric.name;
  EXPECT_EQ(evaluation.parents.at(kFeaturesRole).path, (folder_ / "runs/0002-classifier").string());
  const Evaluation all = evaluate_run(run, {.split = Split::kTrain, .importance_samples = 0});
  EXPECT_EQ(all.metrics.front().split, "train");
  EXPECT_EQ(all.metrics.front().n, 360) << "a tenth is put aside";
}

TEST_F(EvaluateRun, AMistypedFeatureExtractorIsSaidBeforeAnythingIsMeasured) {
  EvaluateRequest request{.features = "1"};
  request.go_on = [](double) -> bool { throw std::logic_error("something was measured"); };
  EXPECT_THROW(evaluate_run(load_run(vae(), torch::kCPU), request), RunError);
}

}  // namespace figment
