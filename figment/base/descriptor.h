// Open files and the sentences for what the system refuses, for whatever writes.
#pragma once
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "figment/base/error.h"

namespace figment {

struct Descriptor {
  explicit Descriptor(int number) : fd(number) {}
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int fd;
};

/// Throws FileError with the reason in errno and what to do about it.
[[noreturn]] inline void fail(std::string_view what, const std::filesystem::path& path) {
  const int reason = errno;
  std::string_view hint;
  if (reason == ENOSPC || reason == EDQUOT) hint = "; free some space or choose another folder";
  if (reason == EACCES || reason == EPERM || reason == EROFS) hint = "; choose a folder you may write to";
  if (reason == ELOOP) hint = "; a symbolic link stands there, and a run is written in its own folder alone: remove it";
  throw FileError(fmt::format("{} '{}': {}{}", what, path.string(), std::strerror(reason), hint));
}

/// Returns when the file or folder is on the disk. Throws FileError.
inline void sync(const std::filesystem::path& path, int flags = O_RDONLY) {
  const Descriptor file(::open(path.c_str(), flags | O_CLOEXEC));
  if (file.fd < 0 || ::fsync(file.fd) != 0) fail("cannot sync", path);
}

inline std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

/// A new name in the folder for what is not whole yet: unique, and unknown to whoever might put a link there.
std::filesystem::path part_in(const std::filesystem::path& folder);

}  // namespace figment
