#include "figment/runs/evaluate_run.h"

#include <algorithm>

#include "figment/base/error.h"
#include "figment/runs/feature_extractor.h"
#include "tests/program_folder.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;

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
  /// Every file of the run with its size.
  std::map<std::string, uintmax_t> files() const {
    std::map<std::string, uintmax_t> files;
    for (const auto& entry : fs::recursive_directory_iterator(vae().path()))
      files[entry.path().string()] = entry.is_regular_file() ? entry.file_size() : 0;
    return files;
  }
};

}  // namespace

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
