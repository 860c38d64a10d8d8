#include "figment/records/run_folder.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "figment/base/file.h"

namespace figment {
namespace {
namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr const char* kRecipe = "[model]\nid = \"vae\"\n";
constexpr const char* kStages = "stages = [\"one\", \"two\"]\n[one.model]\nid = \"vae\"\n[two.model]\nid = \"gan\"\n";

class RunFolderTest : public testing::Test {
 protected:
  RunFolderTest() {
    std::string pattern = testing::TempDir() + "runs_XXXXXX";
    out_ = mkdtemp(pattern.data());
  }
  ~RunFolderTest() override { fs::remove_all(out_); }

  void put(const fs::path& name, std::string_view bytes) const {
    make_folder((out_ / name).parent_path());
    write_file(out_ / name, bytes);
  }
  RunFolder run(const std::string& name, std::string_view manifest) const {
    put(name + "/recipe.toml", kRecipe);
    put(name + "/manifest.json", manifest);
    return RunFolder(out_ / name);
  }
  fs::path out_;
};

TEST_F(RunFolderTest, NumbersGoOnFromTheHighestAndAreNeverUsedTwice) {
  put("0007-gan/recipe.toml", kRecipe);
  EXPECT_EQ(RunFolder::create(out_, "vae").path(), out_ / "0008-vae");
  EXPECT_EQ(RunFolder::create(out_, "vae").path(), out_ / "0009-vae");
}

TEST_F(RunFolderTest, ARunIsFoundByFolderNumberAndLast) {
  put("0002-vae/recipe.toml", kRecipe);
  put("0010-vae/recipe.toml", kRecipe);
  EXPECT_EQ(RunFolder::find((out_ / "0002-vae").string(), out_).path(), out_ / "0002-vae");
  EXPECT_EQ(RunFolder::find("2", out_).path(), out_ / "0002-vae");
  EXPECT_EQ(RunFolder::find("last", out_).path(), out_ / "0010-vae") << "by number, not by spelling";
  EXPECT_THROW(RunFolder::find("3", out_), RunError);
}

TEST_F(RunFolderTest, ARunOfAnotherFormatIsASentenceHoweverItIsFound) {
  run("0001-vae", R"({"model": "vae"})");
  run("0002-vae", R"({"format": 3})");
  run("0003-vae", R"({"format": 2})");
  for (const std::string& word : {(out_ / "0001-vae").string(), std::string("1")})
    EXPECT_THAT([&] { RunFolder::find(word, out_); },
                ThrowsMessage<RunError>(AllOf(HasSubstr("0001-vae' is a run of format 1, this figment reads format 2"),
                                              HasSubstr("train it anew, or use the figment that wrote it"))));
  EXPECT_THAT([&] { RunFolder::at(out_ / "0002-vae"); }, ThrowsMessage<RunError>(HasSubstr("of format 3")));
  EXPECT_NO_THROW(RunFolder::at(out_ / "0003-vae"));
}

TEST_F(RunFolderTest, StagesOfAnotherFormatAreASentenceThoughTheirRecipeCannotBeRead) {
  put("0001-gan/recipe.toml", "stages = [\"one\"]\n[one.model]\nid = \"a model that is gone\"\n");
  put("0001-gan/one/manifest.json", "{}");
  EXPECT_THAT([&] { RunFolder::at(out_ / "0001-gan"); }, ThrowsMessage<RunError>(HasSubstr("of format 1")));
}

TEST_F(RunFolderTest, AManifestThatCannotBeReadIsLeftToWhoeverNeedsIt) {
  for (const char* manifest : {"{", "[]", "null"}) EXPECT_NO_THROW(RunFolder::at(run("0001-vae", manifest).path()));
}

TEST_F(RunFolderTest, EveryStateHasItsWord) {
  const RunFolder folder = run("0001-vae", R"({"format": 2})");
  EXPECT_EQ(folder.state().state, "stopped");
  {
    const FolderLock lock(folder.path());
    EXPECT_EQ(folder.state().state, "running");
  }
  folder.set_finished();
  EXPECT_EQ(folder.state().state, "finished");
  EXPECT_EQ(run("0001-vae", R"({"format": 1})").state().state, "other format");
  put("0001-vae/manifest.json", R"({"format": 2})");
  put("0001-vae/recipe.toml", "[model\n");
  EXPECT_EQ(folder.state().state, "damaged");
}

TEST_F(RunFolderTest, TheListHoldsStagesThatHaveBegunAndRunsOfAnyFormat) {
  run("0001-vae", "{}");
  put("0002-gan/recipe.toml", kStages);
  put("0002-gan/one/recipe.toml", kRecipe);
  std::vector<fs::path> paths;
  for (const RunFolder& folder : RunFolder::list(out_)) paths.push_back(folder.path());
  EXPECT_THAT(paths, ElementsAre(out_ / "0001-vae", out_ / "0002-gan/one"));
}

TEST_F(RunFolderTest, WhatIsTrainedOfStagesIsTheLast) {
  put("0001-gan/recipe.toml", kStages);
  const RunFolder all(out_ / "0001-gan");
  EXPECT_THAT([&] { all.trained(); }, ThrowsMessage<RunError>(HasSubstr("has not begun")));
  put("0001-gan/two/recipe.toml", kRecipe);
  EXPECT_EQ(all.trained().path(), all.path() / "two");
  EXPECT_EQ(all.trained().whole(), all.path()) << "resume continues all stages";
}

TEST_F(RunFolderTest, TheBestCheckpointIsTheNamedOneElseTheLast) {
  const RunFolder folder(out_ / "0001-vae");
  EXPECT_THAT([&] { folder.best_checkpoint(); }, testing::Throws<RunError>());
  for (const int64_t images : {300, 100, 200}) make_folder(folder.checkpoint(images));
  make_folder(folder.checkpoints() / ".part-000000400");  // what a kill leaves is no checkpoint
  EXPECT_THAT(folder.checkpoint_images(), ElementsAre(100, 200, 300));
  EXPECT_EQ(folder.best_checkpoint(), folder.checkpoint(300));
  folder.set_best(200);
  EXPECT_EQ(folder.best_checkpoint(), folder.checkpoint(200));
  write_file(folder.checkpoints() / "best", "../../elsewhere");
  EXPECT_EQ(folder.best_checkpoint(), folder.checkpoint(300)) << "a name from elsewhere is not followed";
}

TEST_F(RunFolderTest, APictureIsNamedByTheImagesSeen) {
  const RunFolder folder(out_ / "0001-vae");
  EXPECT_EQ(folder.write_picture("samples", 60000, "png"), "samples/000060000.png");
  EXPECT_EQ(read_file(folder.path() / "samples/000060000.png"), "png");
  put("0001-vae/taken", "a file");
  EXPECT_THROW((void)folder.write_picture("taken", 1, "png"), FileError);
}

}  // namespace
}  // namespace figment
