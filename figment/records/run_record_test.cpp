// What the report makes of a record is tested in pages/report_test.cpp.
#include "figment/records/run_record.h"

#include <gmock/gmock.h>

#include "figment/base/file.h"
#include "figment/base/test_folder.h"
#include "figment/records/event_file.h"

namespace figment {
namespace {
namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class RunRecordTest : public OwnFolder {
 protected:
};

TEST_F(RunRecordTest, WhatCannotBeReadIsListedAndTheRestIsThere) {
  write("recipe.toml", "[model]\nid = \"vae\"\nlatent = 40\n");
  write("manifest.json", "{");
  write("data.json", "[]");
  const RunRecord record = read_record(folder);
  EXPECT_THAT(record.problems, ElementsAre(HasSubstr("manifest.json: is no JSON"), "data.json: must be an object"));
  EXPECT_EQ(part_of(record.recipe, "model").spoken("latent"), "40");
  EXPECT_EQ(model_id(record), "vae") << "of the recipe, where the manifest does not say";
  EXPECT_THAT(record.events, IsEmpty());
}

TEST_F(RunRecordTest, PicturesLieWithinTheRun) {
  const fs::path outside = folder.string() + "_outside.png";
  write_file(outside, "x");
  write("samples/000000010.png", "x");
  write("samples/000000020.png", "x");
  {
    EventFile log(folder / "events.jsonl");
    const auto image = [&](int64_t images, const std::string& file) {
      log.take({.kind = Event::Kind::kImage, .images = images, .name = "exhibit", .text = file, .caption = "said"});
    };
    image(10, "samples/000000010.png");
    image(20, "../" + outside.filename().string());
    image(30, outside.string());
  }
  const RunRecord record = read_record(folder);
  EXPECT_THAT(record.pictures.at("exhibit"), ElementsAre(Pair(10, folder / "samples/000000010.png")));
  EXPECT_THAT(record.captions, ElementsAre(Pair("exhibit", "said")));
  EXPECT_EQ(record.pictures.at("samples").size(), 2u) << "found by their names, though no event names them";
  fs::remove(outside);
}

TEST_F(RunRecordTest, AFinishCountsUntilTrainingGoesOn) {
  RunRecord record{.events = {{.kind = Event::Kind::kFinished, .images = 100, .value = 7}}};
  ASSERT_NE(finish_of(record), nullptr);
  EXPECT_EQ(finish_of(record)->value, 7);
  record.events.push_back({.kind = Event::Kind::kScalar, .images = 200, .name = "train/loss"});
  EXPECT_EQ(images_seen(record), 200);
  EXPECT_EQ(finish_of(record), nullptr);
}

TEST_F(RunRecordTest, TheNameOfAFolderHasNoSlashAtItsEnd) {
  EXPECT_EQ(folder_name({.folder = "runs/0001-vae/"}), "runs/0001-vae");
  EXPECT_EQ(folder_name({.folder = "./runs/../runs/0001-vae"}), "runs/0001-vae");
}

}  // namespace
}  // namespace figment
