// What is said of several runs: pages/comparison_test.cpp; the verb: tests/feature_extractor_test.cpp.
#include "figment/runs/compare.h"

#include <algorithm>

#include "figment/base/error.h"
#include "tests/program_folder.h"

namespace figment {
namespace {

class CompareRuns : public testing::ProgramFolder {
 protected:
  void SetUp() override {
    ProgramFolder::SetUp();
    ASSERT_EQ(figment(joined({"train", "vae", "--data", (folder_ / "data").string()}, testing::kTinyTraining)).code, 0);
  }
  CompareRequest twice() const {
    const auto run = folder_ / "runs/0001-vae";
    return {.runs = {run, run}, .evaluate = {.importance_samples = 0}};
  }
};

}  // namespace

TEST_F(CompareRuns, ProgressRisesOnceFromZeroToOneOverAllRuns) {
  CompareRequest request = twice();
  std::vector<double> shares;
  request.evaluate.go_on = [&](double done) { return shares.push_back(done), true; };
  const Comparison comparison = compare_runs(request, "cpu");
  EXPECT_TRUE(std::ranges::is_sorted(shares));
  EXPECT_EQ(shares.front(), 0);
  EXPECT_EQ(shares.back(), 1);
  EXPECT_THAT(shares, ::testing::Contains(0.5)) << "each run is half of it";
  EXPECT_EQ(comparison.json["runs"][0]["metrics"], comparison.json["runs"][1]["metrics"]);
}

TEST_F(CompareRuns, AreCancelledWhileTheSecondIsMeasured) {
  CompareRequest request = twice();
  request.evaluate.go_on = [](double done) { return done < 0.6; };
  EXPECT_THROW(compare_runs(request, "cpu"), RunError);
}

TEST(Compare, TakesTwoRunsAtLeast) { EXPECT_THROW(compare_runs({.runs = {"runs/0001-vae"}}, "cpu"), ConfigError); }

}  // namespace figment
