#include "figment/records/append_file.h"

#include <sys/stat.h>

#include <utility>

#include "figment/base/descriptor.h"

namespace figment {

AppendFile::AppendFile(std::filesystem::path path, Open open) : path_(std::move(path)) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC;
  constexpr int kNoWait = O_NONBLOCK;  // opening a pipe would wait for a reader
  Descriptor file(::open(path_.c_str(), kFlags | kNoWait | (open == Open::kNew ? O_EXCL : 0), 0644));
  struct stat about = {};
  if (file.fd < 0 || ::fstat(file.fd, &about) != 0) fail();
  if (S_ISFIFO(about.st_mode)) throw FileError(fmt::format("cannot write '{}': it is no file", path_.string()));
  size_ = ::lseek(file.fd, 0, SEEK_END);
  named_on_disk_ = size_ > 0;
  descriptor_ = std::exchange(file.fd, -1);
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

void AppendFile::cut(int64_t size) {
  if (::ftruncate(descriptor_, size) != 0) fail();
  size_ = size;
}

void AppendFile::sync() const {
  if (::fdatasync(descriptor_) != 0 && errno != EINVAL) fail();  // EINVAL: a device, which has nothing to sync
  if (!named_on_disk_) figment::sync(folder_of(path_), O_RDONLY | O_DIRECTORY);
  named_on_disk_ = true;
}

void AppendFile::fail() const {
  const int reason = errno;
  if (reason == ENOSPC || reason == EDQUOT)
    throw FileError(fmt::format("cannot write '{}': {}; free some space and resume the run", path_.string(),
                                std::strerror(reason)));
  figment::fail("cannot write", path_);
}

}  // namespace figment
