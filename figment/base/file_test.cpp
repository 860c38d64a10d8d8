#include "figment/base/file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "figment/base/error.h"
#include "figment/base/hash.h"
#include "figment/base/input_file.h"

namespace figment {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::ThrowsMessage;

struct Files : testing::Test {
  Files() { fs::create_directories(folder); }
  ~Files() override { fs::remove_all(folder); }
  std::vector<std::string> names(const fs::path& path) const {
    std::vector<std::string> all;
    for (const auto& entry : fs::directory_iterator(path)) all.push_back(entry.path().filename());
    std::sort(all.begin(), all.end());
    return all;
  }
  const fs::path folder = fs::temp_directory_path() / ("figment-files-" + std::to_string(::getpid()));
};

TEST_F(Files, WhatIsWrittenIsReadBack) {
  for (const size_t size : {0u, 1u, 70000u}) {
    std::string bytes(size, '\0');
    for (size_t i = 0; i < size; ++i) bytes[i] = char(i * 31);
    write_file(folder / "x", bytes);
    EXPECT_EQ(read_file(folder / "x"), bytes);
  }
  EXPECT_THAT(names(folder), testing::ElementsAre("x"));  // nothing is left beside it
}

TEST_F(Files, FilesWithoutASizeAreReadToo) { EXPECT_THAT(read_file("/proc/self/status"), HasSubstr("Pid:")); }

TEST_F(Files, WhatCannotBeReadIsNamed) {
  EXPECT_THAT([&] { read_file(folder / "none"); },
              ThrowsMessage<FileError>("cannot read '" + (folder / "none").string() + "': No such file or directory"));
  EXPECT_THAT([&] { read_file(folder); }, ThrowsMessage<FileError>(HasSubstr("it is a folder")));
}

TEST_F(Files, WhatIsNoFileIsRefusedAtOnce) {
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THAT([&] { read_file(folder / "pipe"); }, ThrowsMessage<FileError>(HasSubstr("it is a named pipe")));
  fs::create_symlink("/dev/zero", folder / "endless");
  EXPECT_THAT([&] { read_file(folder / "endless"); }, ThrowsMessage<FileError>(HasSubstr("it is a device")));
  EXPECT_THAT([&] { hash_of_file(folder / "pipe"); }, ThrowsMessage<FileError>(HasSubstr("it is a named pipe")));
}

TEST_F(Files, NoMoreIsReadThanTheBound) {
  write_file(folder / "x", "12345");
  EXPECT_EQ(read_file(folder / "x", 5), "12345");
  EXPECT_THAT([&] { read_file(folder / "x", 4); }, ThrowsMessage<FileError>(HasSubstr("at most 4 of such a file")));
  EXPECT_THAT([&] { read_file("/proc/self/status", 4); }, ThrowsMessage<FileError>(HasSubstr("at most 4")))
      << "no size";
  write_file(folder / "huge", "");
  fs::resize_file(folder / "huge", uintmax_t(1) << 40);  // takes no space on the disk
  EXPECT_THAT([&] { read_file(folder / "huge"); }, ThrowsMessage<FileError>(HasSubstr("1,099,511,627,776 bytes")));
}

TEST_F(Files, AnyPartOfAFileIsReadAlone) {
  write_file(folder / "x", "0123456789");
  InputFile file(folder / "x", 10);
  char four[4] = {'-', '-', '-', '-'};
  EXPECT_EQ(file.read(four, 2), 2u);
  EXPECT_EQ(file.read_at(5, four, 4), 4u);
  EXPECT_EQ(std::string(four, 4), "5678");
  EXPECT_EQ(file.read_at(8, four, 4), 2u) << "the file ends there";
  EXPECT_EQ(file.read_at(100, four, 4), 0u);
  file.will_read(0, int64_t(1) << 20);
  EXPECT_EQ(file.read(four, 2), 2u);
  EXPECT_EQ(std::string(four, 2), "23") << "reading on is not disturbed";
  EXPECT_GT(file.modified(), int64_t(1) << 60) << "nanoseconds since 1970";
}

TEST_F(Files, AFailedWriteLeavesTheOldFile) {
  EXPECT_THAT([&] { write_file(folder / "none" / "x", "new"); }, ThrowsMessage<FileError>(HasSubstr("No such file")));
  fs::create_directory(folder / "x");
  write_file(folder / "x" / "inside", "old");
  EXPECT_THROW(write_file(folder / "x", "new"), FileError);  // a folder cannot be renamed over
  EXPECT_EQ(read_file(folder / "x" / "inside"), "old");
  EXPECT_THAT(names(folder), testing::ElementsAre("x"));
}

TEST_F(Files, AFolderIsThereWholeOrNotAtAll) {
  const fs::path target = folder / "deep" / "run";
  create_folder(target, [&](const fs::path& part) {
    EXPECT_FALSE(fs::exists(target));
    write_file(part / "a", "1");
    fs::create_directory(part / "sub");
    write_file(part / "sub" / "b", "2");
  });
  EXPECT_EQ(read_file(target / "sub" / "b"), "2");
  EXPECT_THAT([&] { create_folder(target, [](const fs::path&) {}); },
              ThrowsMessage<FileError>(HasSubstr("is there already")));
  EXPECT_EQ(read_file(target / "a"), "1");
}

TEST_F(Files, AFailedFolderLeavesNothing) {
  struct Stop {};
  EXPECT_THROW(create_folder(folder / "run",
                             [](const fs::path& part) {
                               write_file(part / "a", "1");
                               throw Stop{};
                             }),
               Stop);
  EXPECT_THROW(create_folder(folder / "run", [](const fs::path& part) { fs::create_directory(part / "x" / "y"); }),
               FileError);
  EXPECT_TRUE(names(folder).empty());
}

TEST_F(Files, WhatACrashLeftIsRemovedAndNothingElse) {
  const pid_t child = ::fork();
  if (child == 0)
    create_folder(folder / "run", [](const fs::path& part) {
      write_file(part / "a", "1");
      ::_exit(0);
    });
  int status = 1;
  ::waitpid(child, &status, 0);
  ASSERT_THAT(names(folder), testing::ElementsAre(testing::StartsWith(".part-")));
  fs::create_directories(folder / "victim" / "inside");
  fs::create_directories(folder / ".part-of-a-person");
  fs::create_directory_symlink(folder / "victim", folder / ".part-0123");
  remove_leftovers(folder, std::chrono::hours(1));
  EXPECT_EQ(names(folder).size(), 4u) << "it may still be written";
  remove_leftovers(folder, std::chrono::seconds(0), [](const fs::path&) { return false; });
  EXPECT_EQ(names(folder).size(), 4u);
  remove_leftovers(folder, std::chrono::seconds(0));
  EXPECT_THAT(names(folder), testing::ElementsAre(".part-0123", ".part-of-a-person", "victim"));
  EXPECT_THAT(names(folder / "victim"), testing::ElementsAre("inside"));
}

TEST(PartName, IsOneThatFigmentGives) {
  for (const char* name : {".part-00ff00ff00ff00ff", ".part-0002", ".part-999999999", ".part-000000300"})
    EXPECT_TRUE(is_part_name(name)) << name;
  for (const char* name : {".part-", ".part-1", ".part-beef", ".part-0000000001", ".part-00ff00ff00ff00f",
                           ".part-00ff00ff00ff00ff0", ".part-00FF00FF00FF00FF", "part-0002", ".part-0002-vae"})
    EXPECT_FALSE(is_part_name(name)) << name;
}

TEST_F(Files, AFolderIsReplacedAtOnce) {
  create_folder(folder / "x", [](const fs::path& part) { write_file(part / "old", "1"); });
  replace_folder(folder / "x", [&](const fs::path& part) {
    write_file(part / "new", "2");
    EXPECT_EQ(read_file(folder / "x" / "old"), "1");
  });
  EXPECT_THAT(names(folder), testing::ElementsAre("x"));
  EXPECT_THAT(names(folder / "x"), testing::ElementsAre("new"));
  struct Stop {};
  EXPECT_THROW(replace_folder(folder / "x", [](const fs::path&) { throw Stop{}; }), Stop);
  EXPECT_EQ(read_file(folder / "x" / "new"), "2");
}

TEST_F(Files, NoTemporaryNameCanBeForeseen) {
  std::set<fs::path> seen;
  for (int i = 0; i < 3; ++i)
    create_folder(folder / std::to_string(i), [&](const fs::path& part) { seen.insert(part.filename()); });
  EXPECT_EQ(seen.size(), 3u);
  write_file(folder / "victim", "whole");
  fs::create_symlink(folder / "victim", folder / ".part-x");  // what earlier versions would have written through
  write_file(folder / "x", "new");
  EXPECT_EQ(read_file(folder / "victim"), "whole");
}

TEST_F(Files, ALinkInPlaceOfTheTargetIsReplaced) {
  write_file(folder / "victim", "whole");
  fs::create_symlink(folder / "victim", folder / "x");
  write_file(folder / "x", "new");
  EXPECT_EQ(read_file(folder / "victim"), "whole");
  EXPECT_EQ(read_file(folder / "x"), "new");
  EXPECT_FALSE(fs::is_symlink(folder / "x"));
}

TEST_F(Files, AFolderBehindALinkMayBeChosen) {
  fs::create_directory(folder / "disk");
  fs::create_directory_symlink(folder / "disk", folder / "out");
  make_folder(folder / "out");
  write_file(folder / "out" / "x", "1");
  create_folder(folder / "out" / "run", [](const fs::path& part) { write_file(part / "a", "1"); });
  EXPECT_THAT(names(folder / "disk"), testing::ElementsAre("run", "x"));
}

TEST_F(Files, SeveralWritersOfOneFileAllSucceed) {
  const std::string old(100000, 'o'), young(100000, 'y');
  std::vector<pid_t> children;
  for (const std::string* bytes : {&old, &young}) {
    children.push_back(::fork());
    if (children.back() != 0) continue;
    try {
      for (int i = 0; i < 50; ++i) write_file(folder / "x", *bytes);
    } catch (...) { ::_exit(1); }
    ::_exit(0);
  }
  for (const pid_t child : children) {
    int status = 1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_THAT(read_file(folder / "x"), testing::AnyOf(old, young));
  EXPECT_THAT(names(folder), testing::ElementsAre("x"));
}

TEST_F(Files, AFolderOfARunIsNoLink) {
  make_own_folder(folder / "own");
  make_own_folder(folder / "own");
  fs::create_directory_symlink(folder / "own", folder / "link");
  fs::create_directory_symlink(folder / "nowhere", folder / "dangling");
  write_file(folder / "file", "");
  for (const char* name : {"link", "dangling", "file"})
    EXPECT_THAT([&] { make_own_folder(folder / name); },
                ThrowsMessage<FileError>(HasSubstr("cannot write into the folder")))
        << name;
}

TEST_F(Files, AFolderIsRemovedWholeAndALinkIsNot) {
  fs::create_directories(folder / "victim" / "inside");
  fs::create_directories(folder / "old" / "deep");
  fs::create_directory_symlink(folder / "victim", folder / "old" / "deep" / "link");
  fs::create_directory_symlink(folder / "victim", folder / "link");
  remove_folder(folder / "old");
  EXPECT_THROW(remove_folder(folder / "link"), FileError);
  EXPECT_THROW(remove_folder(folder / "none"), FileError);
  EXPECT_THAT(names(folder), testing::ElementsAre("link", "victim"));
  EXPECT_THAT(names(folder / "victim"), testing::ElementsAre("inside"));
}

TEST_F(Files, ALockIsNoLinkAndNoPipe) {
  write_file(folder / "victim", "whole");
  fs::create_symlink(folder / "victim", folder / ".lock");
  EXPECT_THAT([&] { FolderLock lock(folder); }, ThrowsMessage<FileError>(HasSubstr("a symbolic link stands there")));
  EXPECT_FALSE(FolderLock::held(folder));
  EXPECT_EQ(read_file(folder / "victim"), "whole");
  fs::remove(folder / ".lock");
  ASSERT_EQ(::mkfifo((folder / ".lock").c_str(), 0600), 0);
  EXPECT_THAT([&] { FolderLock lock(folder); }, ThrowsMessage<FileError>(HasSubstr("its .lock is no file")));
}

TEST_F(Files, AFolderIsMadeWithThoseAboveItOrTheReasonIsSaid) {
  make_folder(folder / "a" / "b");
  make_folder(folder / "a" / "b");
  EXPECT_TRUE(fs::is_directory(folder / "a" / "b"));
  write_file(folder / "file", "1");
  EXPECT_THAT(
      [&] { make_folder(folder / "file" / "b"); },
      ThrowsMessage<FileError>(testing::AllOf(HasSubstr("cannot make the folder"), HasSubstr("Not a directory"))));
}

TEST_F(Files, ALockExcludesAndNamesItsHolder) {
  EXPECT_FALSE(FolderLock::held(folder));
  {
    FolderLock lock(folder);
    EXPECT_TRUE(FolderLock::held(folder));
    EXPECT_THAT([&] { FolderLock second(folder); },
                ThrowsMessage<RunError>(HasSubstr("in use by process " + std::to_string(::getpid()))));
    FolderLock moved(std::move(lock));
    EXPECT_TRUE(FolderLock::held(folder));
  }
  EXPECT_FALSE(FolderLock::held(folder));
  FolderLock again(folder);
}

TEST_F(Files, ADeadProcessHoldsNoLock) {
  const pid_t child = ::fork();
  if (child == 0) {
    new FolderLock(folder);  // never let go by the child itself
    ::_exit(FolderLock::held(folder) ? 0 : 1);
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_FALSE(FolderLock::held(folder));
}

}  // namespace
}  // namespace figment
