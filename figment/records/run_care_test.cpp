#include "figment/records/run_care.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/test_folder.h"

namespace figment {
namespace {
namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

constexpr const char* kRecipe = "[model]\nid = \"vae\"\n";

class RunCare : public OwnFolder {
 protected:
  /// A folder with something under every name that a run gives.
  RunFolder whole_run(const std::string& name) const {
    for (const char* file : {"manifest.json",
                             "data.json",
                             "events.jsonl",
                             "examples.safetensors",
                             "evaluation.json",
                             "report.html",
                             "finished",
                             "note.txt",
                             "events.out.tfevents.1.2.figment",
                             "evaluations/0011aabb.json",
                             "samples/000000100.png",
                             "of its own/000000200.png",
                             "checkpoints/best",
                             "checkpoints/000000100/events.json",
                             "checkpoints/000000100/model.safetensors",
                             "parents/codes/recipe.toml",
                             "parents/codes/manifest.json",
                             "parents/codes/checkpoints/000000007/average.safetensors",
                             ".part-00ff00ff00ff00ff/half",
                             "checkpoints/.part-000000011/half"})
      write(fs::path(name) / file);
    write(fs::path(name) / "recipe.toml", kRecipe);
    return RunFolder(folder / name);
  }
};

TEST_F(RunCare, ANoteIsKeptReplacedAndRemoved) {
  const RunFolder run = whole_run("0001-vae");
  set_note(run, "half the rate");
  EXPECT_EQ(note_of(run), "half the rate");
  set_note(run, "");
  EXPECT_EQ(note_of(run), "");
  EXPECT_FALSE(fs::exists(run.note()));
  set_note(run, "");
}

TEST_F(RunCare, BytesAreThoseOfAllFilesAndFollowNoLink) {
  write("0001-vae/recipe.toml", std::string(1000, 'x'));
  write("0001-vae/checkpoints/000000010/model.safetensors", std::string(234, 'x'));
  write("elsewhere", std::string(5000, 'x'));
  fs::create_symlink(folder / "elsewhere", folder / "0001-vae/link");
  EXPECT_EQ(bytes_in(folder / "0001-vae"), 1234);
  EXPECT_EQ(bytes_in(folder / "none"), 0);
}

TEST_F(RunCare, ARenamedRunKeepsItsNumberAndIsFoundByItsName) {
  const RunFolder run = rename_run(whole_run("0007-vae"), "shoes");
  EXPECT_EQ(run.path(), folder / "0007-shoes");
  for (const char* word : {"shoes", "0007-shoes", "7", "last"})
    EXPECT_EQ(RunFolder::named(word, folder).path(), run.path()) << word;
  whole_run("0008-shoes");
  EXPECT_EQ(RunFolder::named("0007-shoes", folder).path(), run.path());
  EXPECT_THAT([&] { RunFolder::named("shoes", folder); },
              ThrowsMessage<RunError>(AllOf(HasSubstr("'shoes' names 2 runs"), HasSubstr("0008-shoes"))));
  EXPECT_THROW(rename_run(run, "shoes"), FileError) << "it has that name";
  for (const char* bad : {"", "../x", "7", "0003-x", "last", ".x", "cache"})
    EXPECT_THROW(rename_run(run, bad), ConfigError) << bad;
  EXPECT_EQ(rename_run(run, "boots").path(), folder / "0007-boots");
}

TEST_F(RunCare, ARunThatWasMovedToANameWithoutANumberIsListedAfterTheOthers) {
  whole_run("shoes"), whole_run("0002-vae"), write("photos/cat.png");
  std::vector<std::string> names;
  for (const RunFolder& run : RunFolder::list(folder)) names.push_back(run.path().filename());
  EXPECT_THAT(names, ElementsAre("0002-vae", "shoes"));
  EXPECT_EQ(RunFolder::named("shoes", folder).path(), folder / "shoes");
  EXPECT_EQ(RunFolder::named("last", folder).path(), folder / "0002-vae") << "a name has no order";
}

TEST_F(RunCare, AllThatFigmentWritesIsDeleted) {
  const RunFolder run = whole_run("0001-vae"), other = whole_run("0002-vae");
  EXPECT_THAT(foreign_files(run), IsEmpty());
  delete_run(run);
  EXPECT_FALSE(fs::exists(run.path()));
  EXPECT_THAT(entries_of(folder), ElementsAre(other.path()));
}

TEST_F(RunCare, NothingIsDeletedWhereAFileIsForeign) {
  const RunFolder run = whole_run("0001-vae");
  for (const char* foreign :
       {"thesis.tex", "samples/cat.png", "checkpoints/000000100/notes.txt", "checkpoints/mine/x",
        "parents/codes/thesis.tex", "evaluations/a.txt", "mine/000000100.jpg", "parents/mine", ".part-of-a-person/x"}) {
    write(fs::path("0001-vae") / foreign);
    EXPECT_THAT([&] { delete_run(run); }, ThrowsMessage<RunError>(HasSubstr("figment did not write all that it holds")))
        << foreign;
    EXPECT_TRUE(fs::exists(run.recipe())) << foreign;
    fs::remove(folder / "0001-vae" / foreign);
    for (const char* made : {"mine", "checkpoints/mine", ".part-of-a-person"}) fs::remove(folder / "0001-vae" / made);
  }
  write("elsewhere/recipe.toml");
  fs::create_directory_symlink(folder / "elsewhere", folder / "0001-vae/samples2");
  EXPECT_THROW(delete_run(run), RunError) << "a link leads elsewhere";
  fs::remove(folder / "0001-vae/samples2");
  delete_run(run);
  EXPECT_TRUE(fs::exists(folder / "elsewhere/recipe.toml"));
}

TEST_F(RunCare, AFolderThatIsNoRunAndOneThatIsInUseAreNotDeleted) {
  write("recipes/recipe.toml", kRecipe);
  EXPECT_THAT([&] { delete_run(RunFolder(folder / "recipes")); },
              ThrowsMessage<RunError>(HasSubstr("no manifest.json")));
  const RunFolder run = whole_run("0001-vae");
  const FolderLock training(run.path());
  EXPECT_THAT([&] { delete_run(run); }, ThrowsMessage<RunError>(HasSubstr("in use by process")));
  EXPECT_THAT([&] { rename_run(run, "shoes"); }, ThrowsMessage<RunError>(HasSubstr("in use by process")));
  EXPECT_TRUE(fs::exists(run.recipe()));
}

TEST_F(RunCare, NothingIsWrittenIntoWhatALinkOfTheRunLeadsTo) {
  write("0001-gan/recipe.toml", "stages = [\"one\", \"two\"]\n[one.model]\nid = \"vae\"\n[two.model]\nid = \"gan\"\n");
  const RunFolder victim = whole_run("0002-vae"), all(folder / "0001-gan");
  const size_t entries = entries_of(victim.path()).size();
  fs::create_directory_symlink(victim.path(), all.path() / "one");
  EXPECT_THAT([&] { delete_run(all); }, ThrowsMessage<RunError>(HasSubstr("a symbolic link stands there")));
  EXPECT_THAT([&] { rename_run(all, "x"); }, ThrowsMessage<RunError>(HasSubstr("a symbolic link stands there")));
  EXPECT_EQ(entries_of(victim.path()).size(), entries) << "not even a lock";
  EXPECT_TRUE(fs::exists(all.path()));
}

TEST_F(RunCare, StagesAreDeletedAndRenamedTogether) {
  write("0001-gan/recipe.toml", "stages = [\"one\", \"two\"]\n[one.model]\nid = \"vae\"\n[two.model]\nid = \"gan\"\n");
  write("0001-gan/command");
  const RunFolder one = whole_run("0001-gan/one"), all(folder / "0001-gan");
  EXPECT_THAT([&] { delete_run(one); }, ThrowsMessage<RunError>(HasSubstr("is a stage of")));
  EXPECT_THAT([&] { rename_run(one, "x"); }, ThrowsMessage<RunError>(HasSubstr("cannot be renamed alone")));
  {
    const FolderLock training(one.path());
    EXPECT_THROW(delete_run(all), RunError) << "a stage is being trained";
  }
  write("0001-gan/one/thesis.tex");
  EXPECT_THROW(delete_run(all), RunError);
  fs::remove(folder / "0001-gan/one/thesis.tex");
  delete_run(all);
  EXPECT_THAT(entries_of(folder), IsEmpty());
}

}  // namespace
}  // namespace figment
