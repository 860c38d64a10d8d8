#include "figment/records/run_names.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "figment/records/recipe.h"

namespace figment {
namespace {
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(RunNames, ANumberIsThereWhereFigmentCouldHaveWrittenIt) {
  EXPECT_EQ(run_number("runs/0007-vae"), 7);
  EXPECT_EQ(run_number("12345-my own name"), 12345);
  for (const char* name : {"7-vae", "0000-vae", "-0007-vae", "0007", "00007-vae", "9223372036854775807-x",
                           "1000000000-x", "007x-vae", "vae", ""})
    EXPECT_EQ(run_number(name), std::nullopt) << name;
}

TEST(RunNames, ACheckpointIsNamedByItsImagesAndNotOtherwise) {
  EXPECT_EQ(images_of_name(images_name(60000)), 60000);
  EXPECT_EQ(images_of_name(images_name(1234567890123)), 1234567890123);
  for (const char* name : {"", "60000", "-00060000", "0000060000", "../000060000", "000060000 "})
    EXPECT_EQ(images_of_name(name), std::nullopt) << name;
}

TEST(RunNames, AStageTakesNoNameOfTheRunItself) {
  EXPECT_NO_THROW(expect_stage_name("codes"));
  for (const char* name : {"checkpoints", "parents", "samples", "recipe.toml", "command"})
    EXPECT_THAT([&] { expect_stage_name(name); },
                ThrowsMessage<ConfigError>(HasSubstr(std::string("uses the name '") + name)));
  for (const char* name : {"", "..", "/victim/", ".lock"}) EXPECT_THROW(expect_stage_name(name), ConfigError) << name;
}

TEST(RunNames, PicturesLieInAFolderOfTheirOwn) {
  EXPECT_NO_THROW(expect_picture_name("samples"));
  for (const char* name : {"checkpoints", "parents", "..", "a/b"})
    EXPECT_THROW(expect_picture_name(name), ConfigError) << name;
}

TEST(RunNames, EveryReaderOfARecipeOfStagesChecksTheNames) {
  for (const std::string& name : {std::string("/victim/"), std::string(".."), std::string(), std::string("parents")}) {
    const Table table = Table::parse(
        "stages = ['good', '" + name + "']\n[good.model]\nid = 'vae'\n['" + name + "'.model]\nid = 'vae'\n",
        "recipe.toml");
    EXPECT_THROW(read_stages(table), ConfigError) << name;
    EXPECT_THROW(training_of(table), ConfigError) << name;
    EXPECT_THROW(map_stages(table, [](Table&) {}), ConfigError) << name;
    EXPECT_THROW(with_parent(table, "features", "3"), ConfigError) << name;
  }
}

TEST(RunNames, TwoStagesOfOneNameAreRefused) {
  EXPECT_THAT([] { read_stages(Table::parse("stages = ['a', 'a']\n[a.model]\nid = 'vae'\n", "recipe.toml")); },
              ThrowsMessage<ConfigError>(HasSubstr("stages: 'a' stands there twice")));
}

}  // namespace
}  // namespace figment
