#include "figment/base/file.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "figment/base/error.h"

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

TEST_F(Files, WhatACrashLeftIsRemoved) {
  fs::create_directory(folder / ".part-run");
  write_file(folder / ".part-run" / "stale", "1");
  create_folder(folder / "run", [](const fs::path& part) { write_file(part / "a", "1"); });
  EXPECT_THAT(names(folder / "run"), testing::ElementsAre("a"));
  EXPECT_THAT(names(folder), testing::ElementsAre("run"));
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
