#include "figment/data/source.h"

#include <gmock/gmock.h>

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

TEST(Source, HelpNamesEverySet) {
  EXPECT_EQ(source_help(), "fashion-mnist, ring, grid, or a folder of IDX files or images");
}

}  // namespace
}  // namespace figment
