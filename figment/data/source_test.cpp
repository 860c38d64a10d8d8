#include "figment/data/source.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "figment/data/test_folder.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using SourceOfFolder = FolderTest;

TEST_F(SourceOfFolder, IsNamedFromAnywhereByTheFolderThatTheSystemMeans) {
  fs::create_directories(folder / "photos");
  fs::create_directories(folder / "disk/v3");
  fs::create_directories(folder / "disk/photos");
  fs::create_directory_symlink(folder / "disk/v3", folder / "current");
  EXPECT_EQ(from_anywhere((folder / "photos/").string()), (folder / "photos").string());
  EXPECT_EQ(from_anywhere((folder / "./photos").string()), (folder / "photos").string());
  EXPECT_EQ(from_anywhere((folder / "current").string()), (folder / "current").string()) << "a link stays one";
  EXPECT_EQ(from_anywhere((folder / "current/../photos").string()), fs::canonical(folder / "disk/photos").string());
  EXPECT_EQ(from_anywhere("ring"), "ring");
  EXPECT_EQ(from_anywhere("no/such/folder"), "no/such/folder");
}

TEST_F(SourceOfFolder, NamesShardsByAPattern) {
  for (const char* name : {"00.tar", "01.tar", "b/00.tar"}) write(name);
  const std::string pattern = (folder / "{00..01}.tar").string();
  EXPECT_THAT(find_source(pattern).shards, testing::ElementsAre(folder / "00.tar", folder / "01.tar"));
  EXPECT_THAT(find_source((folder / "{.,b}/00.tar").string()).shards, testing::SizeIs(2));
  EXPECT_THAT(find_source((folder / "01.tar").string()).shards, testing::ElementsAre(folder / "01.tar"));
  EXPECT_TRUE(is_named_by_place(pattern));
  EXPECT_TRUE(is_named_by_place(folder.string()));
  EXPECT_FALSE(is_named_by_place("ring"));
  const auto refused = [&](const char* name, const char* why) {
    EXPECT_THAT([&] { find_source((folder / name).string()); },
                testing::ThrowsMessage<DataError>(testing::HasSubstr(why)));
  };
  refused("{00..02}.tar",
          ("there is no shard '" + (folder / "02.tar").string() + "' of '" + (folder / "{00..02}.tar").string() + "'")
              .c_str());
  refused("10.tar", ("there is no shard '" + (folder / "10.tar").string() + "'; did you mean").c_str());
  refused("{00..01}.tar.gz", "names compressed archives");
  refused("x.tgz", "names compressed archives");
  EXPECT_THROW(find_source("{0..999999}.tar"), ConfigError);
}

TEST_F(SourceOfFolder, ShardsAreNamedFromAnywhereByTheirPattern) {
  write("s/00.tar");
  std::filesystem::create_directory_symlink(folder / "s", folder / "link");
  EXPECT_EQ(from_anywhere((folder / "./s/{00..00}.tar").string()), (folder / "s/{00..00}.tar").string());
  EXPECT_EQ(from_anywhere((folder / "link/../s/{00..00}.tar").string()),
            (fs::canonical(folder) / "s/{00..00}.tar").string());
  EXPECT_EQ(from_anywhere("no/{0..1}.tar"), "no/{0..1}.tar");
}

TEST(Source, HelpNamesEverySet) {
  EXPECT_EQ(source_help(),
            "fashion-mnist, ring, grid, a folder of IDX files or images, or tar shards ('x/{000..099}.tar')");
}

}  // namespace
}  // namespace figment
