#include "figment/records/append_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "figment/base/error.h"

namespace figment {

AppendFile::AppendFile(std::filesystem::path path) : path_(std::move(path)) {
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor_ < 0) fail();
  size_ = ::lseek(descriptor_, 0, SEEK_END);
}

AppendFile::~AppendFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void AppendFile::append(std::string_view record) {
  for (std::string_view rest = record; !rest.empty();) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int reason = errno;
      if (::ftruncate(descriptor_, size_) != 0)
        errno = reason;  // a device cannot be cut; the first error is the one to tell
      errno = reason;
      fail();
    }
    rest.remove_prefix(size_t(written));
  }
  size_ += int64_t(record.size());
}

void AppendFile::sync() const {
  if (::fdatasync(descriptor_) != 0 && errno != EINVAL) fail();  // EINVAL: a device, which has nothing to sync
}

void AppendFile::fail() const {
  const int reason = errno;
  throw FileError(fmt::format("cannot write '{}': {}{}", path_.string(), std::strerror(reason),
                              reason == ENOSPC || reason == EDQUOT ? "; free some space and resume the run" : ""));
}

}  // namespace figment
