#include "figment/runs/loaded_run.h"

#include <ATen/Parallel.h>
#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "figment/checkpoint/safetensors.h"
#include "tests/program_folder.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class LoadedRunTest : public testing::ProgramFolder {};

TEST_F(LoadedRunTest, IsAdoptedThoughATrainingRemovedItsCheckpointMeanwhile) {
  const auto trained = figment(joined({"train", "vae", "--data", "data"}, testing::kTinyTraining));
  ASSERT_EQ(trained.code, 0) << trained.err;
  const LoadedRun parent = load_run(RunFolder::at(folder_ / "runs/0001-vae"), torch::kCPU);
  const auto expect_same = [&](const RunFolder& child) {
    const Json line = adopt(child, "codes", parent);
    const LoadedRun copy = load_run(RunFolder::at(child.parent("codes")), torch::kCPU);
    EXPECT_EQ(line["weights"], copy.weights);
    EXPECT_EQ(copy.weights, parent.weights) << "equal weights are equal bytes";
    const TensorMap expected = tensors_of(*parent.model);
    for (const auto& [name, tensor] : tensors_of(*copy.model)) EXPECT_TRUE(torch::equal(tensor, expected.at(name)));
  };
  expect_same(RunFolder(folder_ / "before"));
  fs::remove_all(parent.folder.checkpoint(parent.images));
  expect_same(RunFolder(folder_ / "after"));
}

/// A product that opens a run without the engine's interface computes with LibTorch's own number of threads.
TEST(LoadedRun, FewerThreadsThanLibTorchUsesAreAnErrorBeforeAnythingIsComputed) {
  if (!testing::is_inner()) {
    const auto result = testing::run_inner({{"OMP_DYNAMIC", "true"}});
    EXPECT_EQ(result.code, 0) << result.out;
    return;
  }
  at::set_num_threads(2);
  EXPECT_THAT([] { load_run(RunFolder("none"), torch::kCPU); },
              ThrowsMessage<ConfigError>(HasSubstr("remove OMP_DYNAMIC")));
}

}  // namespace
}  // namespace figment
