#include "figment/runs/moved_data.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "figment/config/table.h"
#include "tests/program_folder.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class MovedData : public testing::ProgramFolder {
 protected:
  void train(const std::string& source) const {
    const auto result = figment(joined({"train", "vae", "--data", source}, testing::kTinyTraining));
    ASSERT_EQ(result.code, 0) << result.err;
  }
  RunFolder run() const { return RunFolder::at(folder_ / "runs/0001-vae"); }
  std::string source(const RunFolder& run) const { return *Table::load(run.recipe()).child("data").text_at("source"); }
};

TEST_F(MovedData, ARunKeepsTheAbsolutePathOfItsData) {
  train("data/");
  EXPECT_EQ(fs::path(source(run())), fs::canonical(folder_ / "data"));
}

TEST_F(MovedData, AnotherFolderOfTheSameNameIsNotMeasured) {
  train("data");
  const fs::path elsewhere = folder_ / "elsewhere";
  fs::create_directories(elsewhere / "data");
  const auto result = testing::run({"evaluate", run().path().string(), "--json"}, {}, elsewhere);
  EXPECT_EQ(result.code, 0) << result.err;
}

TEST_F(MovedData, IsWrittenIntoTheRecipeWhereItIsTheSame) {
  train("data");
  fs::rename(folder_ / "data", folder_ / "moved");
  move_data(run(), (folder_ / "moved").string());
  EXPECT_EQ(fs::path(source(run())), fs::canonical(folder_ / "moved"));
  EXPECT_EQ(figment({"evaluate", "1", "-k", "0"}).code, 0);
}

TEST_F(MovedData, AResumedRunGoesOnWithIt) {
  train("data");
  fs::remove(run().path() / "finished");
  fs::rename(folder_ / "data", folder_ / "moved");
  EXPECT_EQ(figment({"resume", "1"}).code, 2);
  const auto result = figment({"resume", "1", "--data", "moved"});
  EXPECT_EQ(result.code, 0) << result.err;
}

TEST_F(MovedData, FiguresOfTheMovedTestImagesAreTheRunsOwnAndThoseOfOthersAreKeptApart) {
  train("data");
  testing::write_tiny_data(folder_ / "other");
  std::string bytes = read_file(folder_ / "other/t10k-images-idx3-ubyte");
  bytes.back() = char(bytes.back() + 1);
  write_file(folder_ / "other/t10k-images-idx3-ubyte", bytes);
  const auto other = figment({"evaluate", "1", "--data", "other", "--split", "test", "-k", "0"});
  EXPECT_THAT(other.out, HasSubstr("test split: these are not the test images that the run began with"));
  EXPECT_FALSE(fs::exists(run().evaluation()));
  EXPECT_EQ(std::distance(fs::directory_iterator(run().evaluations()), fs::directory_iterator()), 1);

  fs::rename(folder_ / "data", folder_ / "moved");
  const auto moved = figment({"evaluate", "1", "--data", "moved", "--split", "test", "-k", "0"});
  EXPECT_EQ(moved.out.find("kept apart"), std::string::npos) << moved.out;
  EXPECT_TRUE(fs::exists(run().evaluation()));
}

TEST_F(MovedData, OfAnotherContentIsRefusedAndNothingIsWritten) {
  train("data");
  testing::write_tiny_data(folder_ / "other");
  std::string bytes = read_file(folder_ / "other/train-images-idx3-ubyte");
  bytes.back() = char(bytes.back() + 1);
  write_file(folder_ / "other/train-images-idx3-ubyte", bytes);
  const std::string before = read_file(run().recipe());
  EXPECT_THROW(move_data(run(), (folder_ / "other").string()), RunError);
  EXPECT_EQ(read_file(run().recipe()), before);
}

TEST_F(MovedData, OfStagesIsWrittenIntoEachThatLearnedFromIt) {
  write_file(
      folder_ / "two.toml",
      "stages = [\"codes\", \"prior\"]\n"
      "[codes.model]\nid = \"vq_vae\"\nstages = 1\nwidth = 8\nblocks = 1\nquantizer = { num_codes = 8, size = 4 }\n"
      "[codes.data]\nsource = \"data\"\n[codes.training]\nimages = 40\nbatch_size = 20\n"
      "[prior]\nparents = { codes = \"codes\" }\n[prior.model]\nid = \"pixel_cnn\"\nwidth = 8\nlayers = 2\n"
      "[prior.training]\nimages = 40\nbatch_size = 20\n");
  const auto result = figment({"train", "two.toml", "--threads", "1"});
  ASSERT_EQ(result.code, 0) << result.err;
  fs::rename(folder_ / "data", folder_ / "moved");
  const RunFolder whole = RunFolder::at(folder_ / "runs/0001-pixel_cnn");
  move_data(whole, (folder_ / "moved").string());
  const std::string moved = fs::canonical(folder_ / "moved").string();
  for (const RunFolder& stage : whole.stages()) EXPECT_EQ(source(stage), moved);
  EXPECT_EQ(source(RunFolder(whole.path() / "prior/parents/codes")), moved);
  EXPECT_EQ(figment({"evaluate", "1", "-k", "0"}).code, 0);
}

}  // namespace
}  // namespace figment
