#include "figment/records/run_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/records/run_names.h"

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
  RunFolder create(const std::string& model) const {
    return RunFolder::create(out_, model, [](const fs::path& part) { write_file(part / "recipe.toml", kRecipe); });
  }
  RunFolder run(const std::string& name, std::string_view manifest) const {
    put(name + "/recipe.toml", kRecipe);
    put(name + "/manifest.json", manifest);
    return RunFolder(out_ / name);
  }
  fs::path out_;
};

TEST_F(RunFolderTest, NumbersGoOnFromTheNewestRunAndAreNeverUsedTwice) {
  put("0007-gan/recipe.toml", kRecipe);
  EXPECT_EQ(create("vae").path(), out_ / "0008-vae");
  EXPECT_EQ(create("gan").path(), out_ / "0009-gan");
}

TEST_F(RunFolderTest, ForeignFoldersDoNotNumber) {
  put("0001-vae/recipe.toml", kRecipe);
  for (const char* foreign : {"5000-notes", "0002-notes", "9223372036854775807-x", "-3-x"}) make_folder(out_ / foreign);
  EXPECT_EQ(create("vae").path(), out_ / "0003-vae") << "2 would be ambiguous";
  EXPECT_EQ(RunFolder::find("last", out_).path(), out_ / "0003-vae");
}

TEST_F(RunFolderTest, ANewRunIsThereWholeOrNotAtAll) {
  struct Killed {};
  EXPECT_THROW(RunFolder::create(out_, "vae",
                                 [&](const fs::path& part) {
                                   EXPECT_EQ(part.parent_path(), out_);
                                   EXPECT_TRUE(RunFolder::list(out_).empty());
                                   EXPECT_EQ(create("gan").path(), out_ / "0002-gan") << "number 1 is being made";
                                   throw Killed{};
                                 }),
               Killed);
  EXPECT_EQ(RunFolder::find("last", out_).path(), out_ / "0002-gan");
  EXPECT_FALSE(is_there(out_ / ".part-0001"));
}

TEST_F(RunFolderTest, ManyProcessesAtOnceTakeDifferentNumbers) {
  std::vector<pid_t> children;
  for (const char* model : {"vae", "gan", "pixel_cnn", "vq_vae"}) {
    children.push_back(::fork());
    if (children.back() != 0) continue;
    try {
      for (int i = 0; i < 10; ++i) create(model);
    } catch (...) { ::_exit(1); }
    ::_exit(0);
  }
  for (const pid_t child : children) {
    int status = 1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  std::set<int64_t> numbers;
  for (const RunFolder& folder : RunFolder::list(out_)) numbers.insert(*run_number(folder.path()));
  EXPECT_EQ(numbers.size(), 40u);
}

TEST_F(RunFolderTest, AModelThatIsNoNameOfAFolderMakesNoRun) {
  for (const char* model : {"", "../x", "a/b"}) EXPECT_THROW(create(model), ConfigError) << model;
  EXPECT_TRUE(fs::is_empty(out_));
}

TEST_F(RunFolderTest, LastIsTheNewestRunThatCanBeRead) {
  put("0001-vae/recipe.toml", kRecipe);
  run("0002-vae", R"({"format": 3})");
  put("0003-vae/recipe.toml", "[model\n");
  put("0004-vae/recipe.toml", "stages = [\"..\"]\n[\"..\".model]\nid = \"vae\"\n");
  make_folder(out_ / "0005-vae");
  EXPECT_EQ(RunFolder::find("last", out_).path(), out_ / "0001-vae");
  fs::remove_all(out_ / "0001-vae");
  EXPECT_EQ(RunFolder::find("last", out_).path(), out_ / "0004-vae") << "whoever opens it says what is wrong";
  EXPECT_THROW((void)RunFolder::find("last", out_).trained(), ConfigError);
}

TEST_F(RunFolderTest, StagesThatLeadElsewhereAreNeverPaths) {
  put("0001-vae/recipe.toml", "stages = [\"/victim/\", \"\"]\n");
  const RunFolder folder(out_ / "0001-vae");
  EXPECT_TRUE(folder.stages().empty());
  EXPECT_THAT([&] { (void)folder.trained(); }, ThrowsMessage<ConfigError>(HasSubstr("must not hold a slash")));
}

TEST_F(RunFolderTest, ARecipeBesideTheRunsMakesThemNoStages) {
  put("recipe.toml", kRecipe);
  put("0001-vae/recipe.toml", kRecipe);
  EXPECT_EQ(RunFolder(out_ / "0001-vae").whole(), out_ / "0001-vae");
  EXPECT_EQ(RunFolder(out_ / "0001-vae").out(), out_);
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
  make_folder(out_ / "000000007");
  for (const char* elsewhere : {"../../elsewhere", "../../000000007", "200", ""}) {
    write_file(folder.checkpoints() / "best", elsewhere);
    EXPECT_EQ(folder.best_checkpoint(), folder.checkpoint(300)) << "a name from elsewhere is not followed";
  }
}

TEST_F(RunFolderTest, ACheckpointIsChosenByNameOrByItsImages) {
  const RunFolder folder(out_ / "0001-vae");
  for (const int64_t images : {100, 200}) make_folder(folder.checkpoint(images));
  folder.set_best(100);
  EXPECT_EQ(folder.images_of_checkpoint("best"), 100);
  EXPECT_EQ(folder.images_of_checkpoint("last"), 200);
  EXPECT_EQ(folder.images_of_checkpoint("200"), 200);
  for (const char* none : {"300", "first", "", "-100", "../000000100"})
    EXPECT_THAT([&] { folder.images_of_checkpoint(none); },
                ThrowsMessage<RunError>(
                    HasSubstr(fmt::format("has no checkpoint '{}'; it keeps the best and the last: 100, 200", none))));
}

TEST_F(RunFolderTest, APictureIsNamedByTheImagesSeen) {
  const RunFolder folder = create("vae");
  EXPECT_EQ(folder.write_picture("samples", 60000, "png"), "samples/000060000.png");
  EXPECT_EQ(read_file(folder.path() / "samples/000060000.png"), "png");
  put("0001-vae/taken", "a file");
  EXPECT_THROW((void)folder.write_picture("taken", 1, "png"), FileError);
  for (const char* name : {"../outside", "checkpoints", ""})
    EXPECT_THROW((void)folder.write_picture(name, 1, "png"), ConfigError) << name;
}

TEST_F(RunFolderTest, NothingIsWrittenThroughALinkInsideTheRun) {
  const RunFolder folder = create("vae");
  make_folder(out_ / "victim");
  fs::create_directory_symlink(out_ / "victim", folder.path() / "samples");
  EXPECT_THROW((void)folder.write_picture("samples", 1, "png"), FileError);
  fs::create_directory_symlink(out_ / "victim", folder.checkpoints());
  EXPECT_THROW(folder.make_ready(), FileError);
  EXPECT_TRUE(fs::is_empty(out_ / "victim"));
}

TEST_F(RunFolderTest, WhatAKillLeftIsRemovedBeforeTheRunIsWritten) {
  const RunFolder folder = create("vae");
  for (const char* name :
       {"checkpoints/.part-000000300", "checkpoints/.part-00ff00ff00ff00ff", "checkpoints/000000100"})
    put(folder.path() / name / "model.safetensors", "1");
  put(folder.path() / ".part-00ff00ff00ff00fe", "a report that is being written");
  put(folder.path() / ".part-00ff00ff00ff00fd", "a report of a process that is dead");
  put(folder.path() / "samples/.part-00ff00ff00ff00fc", "a picture of a process that is dead");
  const auto long_ago = fs::file_time_type::clock::now() - std::chrono::hours(2);
  fs::last_write_time(folder.path() / ".part-00ff00ff00ff00fd", long_ago);
  fs::last_write_time(folder.path() / "samples/.part-00ff00ff00ff00fc", long_ago);
  folder.make_ready();
  EXPECT_THAT(entries_of(folder.checkpoints()), ElementsAre(folder.checkpoint(100)));
  EXPECT_TRUE(is_there(folder.path() / ".part-00ff00ff00ff00fe"));
  EXPECT_FALSE(is_there(folder.path() / ".part-00ff00ff00ff00fd"));
  EXPECT_TRUE(fs::is_empty(folder.path() / "samples"));
}

}  // namespace
}  // namespace figment
