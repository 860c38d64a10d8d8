#include "figment/records/append_file.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "figment/base/error.h"
#include "figment/base/file.h"

namespace figment {
namespace {
namespace fs = std::filesystem;

class AppendFileTest : public testing::Test {
 protected:
  AppendFileTest() {
    std::string pattern = testing::TempDir() + "append_XXXXXX";
    path_ = fs::path(mkdtemp(pattern.data())) / "log";
  }
  ~AppendFileTest() override { fs::remove_all(path_.parent_path()); }
  fs::path path_;
};

TEST_F(AppendFileTest, GoesOnWhereTheFileEnds) {
  {
    AppendFile file(path_);
    file.append("one");
    EXPECT_EQ(file.size(), 3);
  }
  AppendFile again(path_);
  EXPECT_EQ(again.size(), 3);
  again.append("two");
  EXPECT_EQ(again.size(), 6);
  EXPECT_EQ(read_file(path_), "onetwo") << "a record is with the system before `append` returns";
}

TEST_F(AppendFileTest, ARecordThatDoesNotFitLeavesNothingOfItself) {
  const pid_t child = ::fork();
  if (child == 0) {  // the limit of a file's size holds for a whole process
    const rlimit limit{.rlim_cur = 10, .rlim_max = 10};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    ::signal(SIGXFSZ, SIG_IGN);  // then `write` fails instead
    AppendFile file(path_);
    file.append("12345678");
    try {
      file.append("abcdefgh");
    } catch (const FileError&) { ::_exit(file.size() == 8 ? 0 : 1); }
    ::_exit(2);
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(read_file(path_), "12345678");
}

TEST_F(AppendFileTest, AFullDiskIsASentenceThatSaysWhatToDo) {
  AppendFile full("/dev/full");
  EXPECT_THAT([&] { full.append("x"); }, testing::ThrowsMessage<FileError>(testing::AllOf(
                                             testing::HasSubstr("cannot write '/dev/full': No space left on device"),
                                             testing::HasSubstr("free some space and resume the run"))));
}

TEST_F(AppendFileTest, WhatIsNoFileOfTheRunIsNotWritten) {
  const fs::path folder = path_.parent_path();
  write_file(folder / "victim", "whole");
  fs::create_symlink(folder / "victim", folder / "link");
  fs::create_symlink(folder / "nowhere", folder / "dangling");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  for (const char* name : {"link", "dangling", "pipe"}) EXPECT_THROW(AppendFile(folder / name), FileError) << name;
  EXPECT_THROW(AppendFile(folder / "victim", AppendFile::Open::kNew), FileError);
  EXPECT_EQ(read_file(folder / "victim"), "whole");
  EXPECT_FALSE(is_there(folder / "nowhere"));
}

TEST_F(AppendFileTest, AFolderThatIsNotThereIsASentence) {
  EXPECT_THAT([&] { AppendFile(path_.parent_path() / "no" / "log"); },
              testing::ThrowsMessage<FileError>(testing::HasSubstr("No such file or directory")));
}

}  // namespace
}  // namespace figment
