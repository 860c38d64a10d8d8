#include "figment/runs/start_run.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "figment/base/file.h"
#include "figment/base/test_folder.h"
#include "figment/data/conform.h"
#include "figment/runs/instance.h"
#include "figment/runs/run_data.h"
#include "figment/runs/run_images.h"
#include "tests/tiny_data.h"

namespace figment {
namespace {
namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class StartRun : public OwnFolder {
 protected:
  StartRun() { testing::write_tiny_data(folder / "data"); }

  Recipe recipe(const std::string& more = {}) const {
    return resolved(read_recipe(Table::parse("[model]\nid = \"vae\"\nnetwork = \"dense\"\nhidden = [4]\nlatent = 2\n"
                                             "[training]\nbatch_size = 20\n[data]\nsource = \"" +
                                                 (folder / "data").string() + "\"\n" + more,
                                             "recipe.toml")),
                    1);
  }
  ReadyRun start(const Recipe& recipe) const {
    return start_run(recipe, "figment train vae", folder,
                     [&](const auto& fill) { return RunFolder::create(folder, recipe.model, fill); });
  }
  /// Replaces words of the run's recipe.toml.
  static void edit(const RunFolder& folder, const std::string& before, const std::string& after) {
    std::string text = read_file(folder.recipe());
    const size_t at = text.find(before);
    ASSERT_NE(at, std::string::npos) << text;
    write_file(folder.recipe(), text.replace(at, before.size(), after));
  }
};

TEST_F(StartRun, AGridOfCodesIsRefusedWhereNoParentMakesCodes) {
  EXPECT_THAT(
      [&] { start(recipe("grid = 1\n")); },
      ThrowsMessage<ConfigError>(HasSubstr("data.grid has no effect here: it chooses among the codes of a parent")));
}

TEST_F(StartRun, TheManifestStatesFormatAndData) {
  const ReadyRun run = start(recipe("flip = true\n"));
  const Json manifest = parse_json(read_file(run.folder.manifest()), "manifest.json");
  EXPECT_EQ(manifest["format"], kRunFormat);
  EXPECT_EQ(manifest["data"]["hash"], run.data.train->hash());
  EXPECT_EQ(manifest["data"]["augmentation"], run.data.train->augmentation());
  EXPECT_EQ(manifest["data"]["test_hash"], open_dataset(run.recipe.data, Split::kTest, &run.spec)->hash());
  EXPECT_EQ(manifest["data"]["train"], 360);
  EXPECT_EQ(manifest["data"]["validation"], 40);
  EXPECT_EQ(load_examples(run.folder, run.spec).size(), 40) << "validation images";
}

TEST_F(StartRun, NothingIsWrittenWhereDataAndRecipeDoNotFit) {
  Recipe wrong = recipe();
  wrong.training.batch_size = 361;
  bool made = false;
  EXPECT_THAT(
      [&] {
        start_run(wrong, "", folder, [&](const auto& fill) {
          made = true;
          return RunFolder::create(folder, "vae", fill);
        });
      },
      ThrowsMessage<ConfigError>(HasSubstr("batch_size is 361")));
  EXPECT_FALSE(made);
}

TEST_F(StartRun, AReopenedRunIsTheOneThatWasStarted) {
  const ReadyRun run = start(recipe()), again = reopen_run(run.folder);
  EXPECT_EQ(to_table(again.recipe).toml(), to_table(run.recipe).toml());
  EXPECT_EQ(to_json(again.spec), to_json(run.spec));
  EXPECT_EQ(again.data.train->hash(), run.data.train->hash());
  EXPECT_EQ(again.data.validation->hash(), run.data.validation->hash());
}

TEST_F(StartRun, OtherDataIsASentence) {
  const ReadyRun run = start(recipe());
  edit(run.folder, "validation = 2000", "validation = 10");
  EXPECT_THAT(
      [&] { reopen_run(run.folder); },
      ThrowsMessage<RunError>(AllOf(HasSubstr("is not what the run began with (hash"), HasSubstr("bring it back"))));
}

TEST_F(StartRun, OtherValidationImagesAreASentence) {
  const ReadyRun run = start(recipe());
  const fs::path manifest = run.folder.manifest(), images = folder / "data/train-images-idx3-ubyte";
  EXPECT_EQ(stated_hash(run.folder, Split::kValidation), run.data.validation->hash());
  std::string bytes = read_file(images);
  const int64_t row = rows_of(Split::kValidation, 400, run.recipe.data).front();
  bytes[size_t(16 + 64 * row)] ^= 1;  // behind the header of 16 bytes
  write_file(images, bytes);
  EXPECT_THAT(
      [&] { reopen_run(run.folder); },
      ThrowsMessage<RunError>(AllOf(HasSubstr("the validation images at '"),
                                    HasSubstr("choose the best checkpoint, are not those that the run began"))));
  Json earlier = parse_json(read_file(manifest), "manifest.json");
  earlier["data"].erase("validation_hash");
  write_file(manifest, json_text(earlier, 2));
  EXPECT_NO_THROW(reopen_run(run.folder)) << "a run of an earlier figment states none";
}

TEST_F(StartRun, AnotherAugmentationIsASentence) {
  const ReadyRun run = start(recipe());
  edit(run.folder, "flip = false", "flip = true");
  EXPECT_THAT(
      [&] { reopen_run(run.folder); },
      ThrowsMessage<RunError>(AllOf(HasSubstr("augmentation of the training images"),
                                    HasSubstr("('' then, 'flip' now)"), HasSubstr("set [data] of recipe.toml back"))));
}

TEST_F(StartRun, AManifestThatDoesNotStateTheDataIsASentence) {
  const ReadyRun run = start(recipe());
  write_file(run.folder.manifest(), R"({"format": 2, "data": {"hash": 3}})");
  EXPECT_THAT([&] { reopen_run(run.folder); }, ThrowsMessage<RunError>(HasSubstr("does not state data.hash")));
}

TEST_F(StartRun, DataThatIsOpenAlreadyIsTaken) {
  const Recipe wanted = recipe();
  OpenedData opened = open_data(wanted.data, {}, folder);
  const Dataset* train = opened.train.get();
  fs::remove_all(folder / "data");
  const ReadyRun run = start_run(
      wanted, "", folder, [&](const auto& fill) { return RunFolder::create(folder, "vae", fill); }, std::move(opened));
  EXPECT_EQ(run.data.train.get(), train);
}

/// The images behind codes are opened as the parent's run opened them.
TEST(DataOptionsOf, AreTheParentsButForTheGrid) {
  const DataOptions parent{.source = "photos", .size = 32, .pairs = {.layout = PairLayout::kHalves}};
  const DataOptions data = data_options_of({.grid = 1}, &parent);
  EXPECT_EQ(data.source, "photos");
  EXPECT_EQ(data.size, 32);
  EXPECT_EQ(data.pairs.layout, PairLayout::kHalves);
  EXPECT_EQ(data.grid, 1);
}

TEST(DataOptionsOf, ASettingOfTheImagesBesideAParentIsRefused) {
  const DataOptions parent{.source = "photos", .size = 32};
  const auto refused = [&](const DataOptions& own, const std::string& name) {
    EXPECT_THAT([&] { data_options_of(own, &parent); },
                ThrowsMessage<ConfigError>(HasSubstr("data: " + name + " has no effect here")));
  };
  refused({.source = "drawings"}, "source");
  refused({.flip = true}, "flip");
  refused({.pairs = {.layout = PairLayout::kFolders}}, "layout");
  EXPECT_NO_THROW(data_options_of(parent, &parent)) << "what the parent says too is no contradiction";
}

}  // namespace
}  // namespace figment
