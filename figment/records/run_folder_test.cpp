#include "figment/records/run_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/test_folder.h"
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

class RunFolderTest : public OwnFolder {
 protected:
  RunFolder create(const std::string& model) const {
    return RunFolder::create(folder, model, [](const fs::path& part) { write_file(part / "recipe.toml", kRecipe); });
  }
  RunFolder run(const std::string& name, std::string_view manifest) const {
    write(name + "/recipe.toml", kRecipe);
    write(name + "/manifest.json", manifest);
    return RunFolder(folder / name);
  }
};

TEST_F(RunFolderTest, NumbersGoOnFromTheNewestRunAndAreNeverUsedTwice) {
  write("0007-gan/recipe.toml", kRecipe);
  EXPECT_EQ(create("vae").path(), folder / "0008-vae");
  EXPECT_EQ(create("gan").path(), folder / "0009-gan");
}

TEST_F(RunFolderTest, ForeignFoldersDoNotNumber) {
  write("0001-vae/recipe.toml", kRecipe);
  for (const char* foreign : {"5000-notes", "0002-notes", "9223372036854775807-x", "-3-x"})
    make_folder(folder / foreign);
  EXPECT_EQ(create("vae").path(), folder / "0003-vae") << "2 would be ambiguous";
  EXPECT_EQ(RunFolder::find("last", folder).path(), folder / "0003-vae");
}

TEST_F(RunFolderTest, ANewRunIsThereWholeOrNotAtAll) {
  struct Killed {};
  EXPECT_THROW(RunFolder::create(folder, "vae",
                                 [&](const fs::path& part) {
                                   EXPECT_EQ(part.parent_path(), folder);
                                   EXPECT_TRUE(RunFolder::list(folder).empty());
                                   EXPECT_EQ(create("gan").path(), folder / "0002-gan") << "number 1 is being made";
                                   throw Killed{};
                                 }),
               Killed);
  EXPECT_EQ(RunFolder::find("last", folder).path(), folder / "0002-gan");
  EXPECT_FALSE(is_there(folder / ".part-0001"));
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
  for (const RunFolder& one : RunFolder::list(folder)) numbers.insert(*run_number(one.path()));
  EXPECT_EQ(numbers.size(), 40u);
}

TEST_F(RunFolderTest, AModelThatIsNoNameOfAFolderMakesNoRun) {
  for (const char* model : {"", "../x", "a/b"}) EXPECT_THROW(create(model), ConfigError) << model;
  EXPECT_TRUE(fs::is_empty(folder));
}

TEST_F(RunFolderTest, LastIsTheNewestRunThatCanBeRead) {
  write("0001-vae/recipe.toml", kRecipe);
  run("0002-vae", R"({"format": 3})");
  write("0003-vae/recipe.toml", "[model\n");
  write("0004-vae/recipe.toml", "stages = [\"..\"]\n[\"..\".model]\nid = \"vae\"\n");
  make_folder(folder / "0005-vae");
  EXPECT_EQ(RunFolder::find("last", folder).path(), folder / "0001-vae");
  fs::remove_all(folder / "0001-vae");
  EXPECT_EQ(RunFolder::find("last", folder).path(), folder / "0004-vae") << "whoever opens it says what is wrong";
  EXPECT_THROW((void)RunFolder::find("last", folder).trained(), ConfigError);
}

TEST_F(RunFolderTest, LastIsTheNewestRunWithWeightsWhereItIsToBeUsedAndAnyWhereItIsToGoOn) {
  write("0001-vae/data.json"), write("0001-vae/recipe.toml", kRecipe);
  make_folder(folder / "0001-vae/checkpoints/000000100");
  write("0002-gan/recipe.toml", kStages), write("0002-gan/one/recipe.toml", kRecipe), write("0002-gan/one/data.json");
  make_folder(folder / "0002-gan/one/checkpoints/000000100");
  write("0003-vae/data.json"), write("0003-vae/recipe.toml", kRecipe);
  write("0004-vae/recipe.toml", kRecipe);
  make_folder(folder / "0004-vae/checkpoints/000000100");
  EXPECT_EQ(RunFolder::find("last", folder).path(), folder / "0001-vae");
  EXPECT_EQ(RunFolder::named("last", folder).path(), folder / "0004-vae");
  write("0002-gan/two/recipe.toml", kRecipe), write("0002-gan/two/data.json");
  make_folder(folder / "0002-gan/two/checkpoints/000000100");
  EXPECT_EQ(RunFolder::find("last", folder).path(), folder / "0002-gan");
}

TEST_F(RunFolderTest, AStageOrAParentThatIsALinkIsRefusedHoweverTheRunIsFound) {
  const RunFolder victim = run("victim", R"({"format": 2})"), whole = run("0001-gan", R"({"format": 2})");
  write("0001-gan/recipe.toml", kStages);
  write("0001-gan/one/recipe.toml", kRecipe);
  for (const char* link : {"two", "parents", "parents/codes", "one/parents/codes", "parents/codes/parents/codes"}) {
    make_folder((whole.path() / link).parent_path());
    fs::create_directory_symlink(victim.path(), whole.path() / link);
    const auto refused =
        ThrowsMessage<RunError>(HasSubstr(fmt::format("0001-gan/{}': a symbolic link stands there", link)));
    EXPECT_THAT([&] { RunFolder::find("1", folder); }, refused) << link;
    EXPECT_THAT([&] { RunFolder::at(whole.path() / "one"); }, refused) << link;
    fs::remove(whole.path() / link);
  }
  fs::create_directory_symlink(whole.path(), folder / "0002-gan");
  EXPECT_NO_THROW(RunFolder::find("2", folder)) << "a person made this one";
}

TEST_F(RunFolderTest, StagesThatLeadElsewhereAreNeverPaths) {
  write("0001-vae/recipe.toml", "stages = [\"/victim/\", \"\"]\n");
  const RunFolder one(folder / "0001-vae");
  EXPECT_TRUE(one.stages().empty());
  EXPECT_THAT([&] { (void)one.trained(); }, ThrowsMessage<ConfigError>(HasSubstr("must not hold a slash")));
}

TEST_F(RunFolderTest, BesideTheRunsOnlyWhatIsARunIsALeftover) {
  for (const char* name : {".part-0002/data.json", ".part-00ff00ff00ff00ff/checkpoints/000000100/model.safetensors",
                           ".part-0003/parents/.part-00ff00ff00ff00ff/recipe.toml", ".part-0004/codes/data.json",
                           ".part-0004/codes/checkpoints/000000100/model.safetensors"})
    write(name);
  const std::set<fs::path> of_a_person = {".part-2024/taxes.pdf",   ".part-2023/samples/cat.png",
                                          ".part-1/data.json",      ".part-beef/data.json",
                                          ".part-00ff00ff00ff00fe", ".part-2021/years/2020/taxes.pdf"};
  for (const fs::path& name : of_a_person) write(name);
  make_folder(folder / "elsewhere");
  fs::create_directory_symlink(folder / "elsewhere", folder / ".part-2022");
  const auto long_ago = fs::file_time_type::clock::now() - std::chrono::hours(2);
  for (const fs::path& entry : entries_of(folder)) fs::last_write_time(entry, long_ago);
  create("vae");
  for (const char* gone : {".part-0002", ".part-00ff00ff00ff00ff", ".part-0003", ".part-0004"})
    EXPECT_FALSE(is_there(folder / gone)) << gone;
  for (const fs::path& name : of_a_person) EXPECT_TRUE(is_there(folder / name)) << name;
  EXPECT_TRUE(is_there(folder / ".part-2022"));
}

TEST_F(RunFolderTest, ARecipeBesideTheRunsMakesThemNoStages) {
  write("recipe.toml", kRecipe);
  write("0001-vae/recipe.toml", kRecipe);
  EXPECT_EQ(RunFolder(folder / "0001-vae").whole(), folder / "0001-vae");
  EXPECT_EQ(RunFolder(folder / "0001-vae").out(), folder);
}

TEST_F(RunFolderTest, ARunIsFoundByFolderNumberAndLast) {
  write("0002-vae/recipe.toml", kRecipe);
  write("0010-vae/recipe.toml", kRecipe);
  EXPECT_EQ(RunFolder::find((folder / "0002-vae").string(), folder).path(), folder / "0002-vae");
  EXPECT_EQ(RunFolder::find("2", folder).path(), folder / "0002-vae");
  EXPECT_EQ(RunFolder::find("last", folder).path(), folder / "0010-vae") << "by number, not by spelling";
  EXPECT_THROW(RunFolder::find("3", folder), RunError);
}

TEST_F(RunFolderTest, ARunOfAnotherFormatIsASentenceHoweverItIsFound) {
  run("0001-vae", R"({"model": "vae"})");
  run("0002-vae", R"({"format": 3})");
  run("0003-vae", R"({"format": 2})");
  for (const std::string& word : {(folder / "0001-vae").string(), std::string("1")})
    EXPECT_THAT([&] { RunFolder::find(word, folder); },
                ThrowsMessage<RunError>(AllOf(HasSubstr("0001-vae' is a run of format 1, this figment reads format 2"),
                                              HasSubstr("train it anew, or use the figment that wrote it"))));
  EXPECT_THAT([&] { RunFolder::at(folder / "0002-vae"); }, ThrowsMessage<RunError>(HasSubstr("of format 3")));
  EXPECT_NO_THROW(RunFolder::at(folder / "0003-vae"));
}

TEST_F(RunFolderTest, StagesOfAnotherFormatAreASentenceThoughTheirRecipeCannotBeRead) {
  write("0001-gan/recipe.toml", "stages = [\"one\"]\n[one.model]\nid = \"a model that is gone\"\n");
  write("0001-gan/one/manifest.json", "{}");
  EXPECT_THAT([&] { RunFolder::at(folder / "0001-gan"); }, ThrowsMessage<RunError>(HasSubstr("of format 1")));
}

TEST_F(RunFolderTest, AManifestThatCannotBeReadIsLeftToWhoeverNeedsIt) {
  for (const char* manifest : {"{", "[]", "null"}) EXPECT_NO_THROW(RunFolder::at(run("0001-vae", manifest).path()));
}

TEST_F(RunFolderTest, EveryStateHasItsWord) {
  const RunFolder one = run("0001-vae", R"({"format": 2})");
  EXPECT_EQ(one.state().state, "stopped");
  {
    const FolderLock lock(one.path());
    EXPECT_EQ(one.state().state, "running");
  }
  one.set_finished();
  EXPECT_EQ(one.state().state, "finished");
  EXPECT_EQ(run("0001-vae", R"({"format": 1})").state().state, "other format");
  write("0001-vae/manifest.json", R"({"format": 2})");
  write("0001-vae/recipe.toml", "[model\n");
  EXPECT_EQ(one.state().state, "damaged");
}

TEST_F(RunFolderTest, TheListHoldsStagesThatHaveBegunAndRunsOfAnyFormat) {
  run("0001-vae", "{}");
  write("0002-gan/recipe.toml", kStages);
  write("0002-gan/one/recipe.toml", kRecipe);
  std::vector<fs::path> paths;
  for (const RunFolder& one : RunFolder::list(folder)) paths.push_back(one.path());
  EXPECT_THAT(paths, ElementsAre(folder / "0001-vae", folder / "0002-gan/one"));
}

TEST_F(RunFolderTest, WhatIsTrainedOfStagesIsTheLast) {
  write("0001-gan/recipe.toml", kStages);
  const RunFolder all(folder / "0001-gan");
  EXPECT_THAT([&] { all.trained(); }, ThrowsMessage<RunError>(HasSubstr("has not begun")));
  write("0001-gan/two/recipe.toml", kRecipe);
  EXPECT_EQ(all.trained().path(), all.path() / "two");
  EXPECT_EQ(all.trained().whole(), all.path()) << "resume continues all stages";
}

TEST_F(RunFolderTest, TheBestCheckpointIsTheNamedOneElseTheLast) {
  const RunFolder one(folder / "0001-vae");
  EXPECT_THAT([&] { one.best_checkpoint(); }, testing::Throws<RunError>());
  for (const int64_t images : {300, 100, 200}) make_folder(one.checkpoint(images));
  make_folder(one.checkpoints() / ".part-000000400");  // what a kill leaves is no checkpoint
  EXPECT_THAT(one.checkpoint_images(), ElementsAre(100, 200, 300));
  EXPECT_EQ(one.best_checkpoint(), one.checkpoint(300));
  one.set_best(200);
  EXPECT_EQ(one.best_checkpoint(), one.checkpoint(200));
  make_folder(folder / "000000007");
  for (const char* elsewhere : {"../../elsewhere", "../../000000007", "200", ""}) {
    write_file(one.checkpoints() / "best", elsewhere);
    EXPECT_EQ(one.best_checkpoint(), one.checkpoint(300)) << "a name from elsewhere is not followed";
  }
}

TEST_F(RunFolderTest, ACheckpointIsChosenByNameOrByItsImages) {
  const RunFolder one(folder / "0001-vae");
  for (const int64_t images : {100, 200}) make_folder(one.checkpoint(images));
  one.set_best(100);
  EXPECT_EQ(one.images_of_checkpoint("best"), 100);
  EXPECT_EQ(one.images_of_checkpoint("last"), 200);
  EXPECT_EQ(one.images_of_checkpoint("200"), 200);
  for (const char* none : {"300", "first", "", "-100", "../000000100"})
    EXPECT_THAT([&] { one.images_of_checkpoint(none); },
                ThrowsMessage<RunError>(
                    HasSubstr(fmt::format("has no checkpoint '{}'; it keeps the best and the last: 100, 200", none))));
}

TEST_F(RunFolderTest, APictureIsNamedByTheImagesSeen) {
  const RunFolder one = create("vae");
  EXPECT_EQ(one.write_picture("samples", 60000, "png"), "samples/000060000.png");
  EXPECT_EQ(read_file(one.path() / "samples/000060000.png"), "png");
  write("0001-vae/taken", "a file");
  EXPECT_THROW((void)one.write_picture("taken", 1, "png"), FileError);
  for (const char* name : {"../outside", "checkpoints", ""})
    EXPECT_THROW((void)one.write_picture(name, 1, "png"), ConfigError) << name;
}

TEST_F(RunFolderTest, NothingIsWrittenThroughALinkInsideTheRun) {
  const RunFolder one = create("vae");
  make_folder(folder / "victim");
  fs::create_directory_symlink(folder / "victim", one.path() / "samples");
  EXPECT_THROW((void)one.write_picture("samples", 1, "png"), FileError);
  fs::create_directory_symlink(folder / "victim", one.checkpoints());
  EXPECT_THROW(one.make_ready(), FileError);
  EXPECT_TRUE(fs::is_empty(folder / "victim"));
}

TEST_F(RunFolderTest, WhatAKillLeftIsRemovedBeforeTheRunIsWritten) {
  const RunFolder one = create("vae");
  for (const char* name :
       {"checkpoints/.part-000000300", "checkpoints/.part-00ff00ff00ff00ff", "checkpoints/000000100"})
    write(one.path() / name / "model.safetensors", "1");
  write(one.path() / ".part-00ff00ff00ff00fe", "a report that is being written");
  write(one.path() / ".part-00ff00ff00ff00fd", "a report of a process that is dead");
  write(one.path() / "samples/.part-00ff00ff00ff00fc", "a picture of a process that is dead");
  const auto long_ago = fs::file_time_type::clock::now() - std::chrono::hours(2);
  fs::last_write_time(one.path() / ".part-00ff00ff00ff00fd", long_ago);
  fs::last_write_time(one.path() / "samples/.part-00ff00ff00ff00fc", long_ago);
  one.make_ready();
  EXPECT_THAT(entries_of(one.checkpoints()), ElementsAre(one.checkpoint(100)));
  EXPECT_TRUE(is_there(one.path() / ".part-00ff00ff00ff00fe"));
  EXPECT_FALSE(is_there(one.path() / ".part-00ff00ff00ff00fd"));
  EXPECT_TRUE(fs::is_empty(one.path() / "samples"));
}

}  // namespace
}  // namespace figment
