// Tested by file_test.cpp, through read_file.
#include "figment/base/input_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "figment/base/error.h"
#include "figment/base/text.h"

namespace figment {
namespace {

std::string_view kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a named pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

}  // namespace

InputFile::InputFile(std::filesystem::path path, int64_t most_bytes) : path_(std::move(path)), most_bytes_(most_bytes) {
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  try {
    struct stat about = {};
    if (descriptor_ < 0 || ::fstat(descriptor_, &about) != 0) fail();
    if (!S_ISREG(about.st_mode))
      throw FileError(fmt::format("cannot read '{}': it is {}, not a file", path_.string(), kind_of(about.st_mode)));
    size_ = int64_t(about.st_size);
    modified_ = int64_t(uint64_t(about.st_mtim.tv_sec) * 1'000'000'000 + uint64_t(about.st_mtim.tv_nsec));
    expect_within_bound(size_);
  } catch (...) {
    if (descriptor_ >= 0) ::close(descriptor_);
    throw;
  }
}

InputFile::~InputFile() { ::close(descriptor_); }

size_t InputFile::read(char* to, size_t count) {
  for (;;) {
    const ssize_t got = ::read(descriptor_, to, count);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail();
    taken_ += int64_t(got);
    expect_within_bound(taken_);
    return size_t(got);
  }
}

size_t InputFile::read_at(int64_t offset, char* to, size_t count) const {
  size_t done = 0;
  while (done < count) {
    const ssize_t got = ::pread(descriptor_, to + done, count - done, off_t(offset) + off_t(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail();
    if (got == 0) break;
    done += size_t(got);
  }
  return done;
}

void InputFile::will_read(int64_t offset, int64_t count) const {
  constexpr int64_t kStep = int64_t(1) << 17;  // of one request Linux fetches its readahead alone, by default 128 KiB
  for (int64_t done = 0; done < count; done += kStep)
    ::posix_fadvise(descriptor_, off_t(offset + done), off_t(std::min(kStep, count - done)), POSIX_FADV_WILLNEED);
}

void InputFile::fail() const {
  throw FileError(fmt::format("cannot read '{}': {}", path_.string(), std::strerror(errno)));
}

void InputFile::expect_within_bound(int64_t bytes) const {
  if (bytes > most_bytes_)
    throw FileError(fmt::format("cannot read '{}': it has {} or more; at most {} of such a file are read",
                                path_.string(), counted(bytes, "byte"), with_commas(most_bytes_)));
}

}  // namespace figment
