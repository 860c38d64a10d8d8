#include "figment/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "figment/base/error.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail(std::string_view what, const fs::path& path) {
  const int reason = errno;
  std::string hint;
  if (reason == ENOSPC || reason == EDQUOT) hint = "; free some space or choose another folder with --out";
  if (reason == EACCES || reason == EPERM || reason == EROFS) hint = "; choose a folder you may write to with --out";
  throw FileError(fmt::format("{} '{}': {}{}", what, path.string(), std::strerror(reason), hint));
}

struct Descriptor {
  explicit Descriptor(int number) : fd(number) {}
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int fd;
};

void sync(const fs::path& path, int flags) {
  const Descriptor file(::open(path.c_str(), flags | O_CLOEXEC));
  if (file.fd < 0 || ::fsync(file.fd) != 0) fail("cannot sync", path);
}

void write_all(const fs::path& path, std::string_view bytes) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (file.fd < 0) fail("cannot write", path);
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot write", path);
    bytes.remove_prefix(size_t(written));
  }
  if (::fsync(file.fd) != 0) fail("cannot write", path);
}

fs::path part_of(const fs::path& target) { return target.parent_path() / (".part-" + target.filename().string()); }

/// The lock belongs to the open file, not to the process: two in one process exclude each other too.
struct flock whole_file() {
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

}  // namespace

std::vector<std::string> names_beside(const fs::path& missing,
                                      const std::function<bool(const fs::directory_entry&)>& f) {
  std::vector<std::string> names;
  std::error_code ignored;
  const fs::path parent = missing.parent_path();
  for (const auto& entry : fs::directory_iterator(parent.empty() ? fs::path(".") : parent, ignored))
    if (f(entry)) names.push_back((parent / entry.path().filename()).string());
  return names;
}

std::string read_file(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat about = {};
  if (file.fd < 0 || ::fstat(file.fd, &about) != 0) fail("cannot read", path);
  if (S_ISDIR(about.st_mode)) throw FileError(fmt::format("cannot read '{}': it is a folder", path.string()));
  std::string bytes(size_t(about.st_size) + 1, '\0');  // one more, so that the end is seen without growing
  for (size_t size = 0;;) {
    if (size == bytes.size()) bytes.resize(2 * size);  // it grows while we read, or the system tells no size
    const ssize_t got = ::read(file.fd, bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("cannot read", path);
    size += size_t(got);
    if (got > 0) continue;
    bytes.resize(size);
    return bytes;
  }
}

void write_file(const fs::path& path, std::string_view bytes) {
  const fs::path part = part_of(path);
  try {
    write_all(part, bytes);
    if (::rename(part.c_str(), path.c_str()) != 0) fail("cannot write", path);
  } catch (...) {
    std::error_code ignored;
    fs::remove(part, ignored);
    throw;
  }
  sync(folder_of(path), O_RDONLY | O_DIRECTORY);
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) return;
  errno = error.value();
  fail("cannot make the folder", path);
}

void create_folder(const fs::path& target, const std::function<void(const fs::path&)>& fill) {
  const fs::path part = part_of(target);
  std::error_code ignored;
  fs::remove_all(part, ignored);
  try {
    if (fs::exists(target)) throw FileError(fmt::format("'{}' is there already", target.string()));
    fs::create_directories(part);
    fill(part);
    for (const auto& entry : fs::recursive_directory_iterator(part))
      if (entry.is_regular_file() || entry.is_directory()) sync(entry.path(), O_RDONLY);
    sync(part, O_RDONLY | O_DIRECTORY);
    if (::rename(part.c_str(), target.c_str()) != 0) fail("cannot write", target);
  } catch (const fs::filesystem_error& error) {
    fs::remove_all(part, ignored);
    errno = error.code().value();
    fail("cannot write", target);
  } catch (...) {
    fs::remove_all(part, ignored);
    throw;
  }
  sync(folder_of(target), O_RDONLY | O_DIRECTORY);
}

FolderLock::FolderLock(const fs::path& folder) {
  Descriptor file(::open((folder / ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (file.fd < 0) fail("cannot lock", folder);
  struct flock lock = whole_file();
  if (::fcntl(file.fd, F_OFD_SETLK, &lock) != 0) {
    if (errno != EAGAIN && errno != EACCES) fail("cannot lock", folder);
    char holder[32] = {};
    if (::read(file.fd, holder, sizeof holder - 1) < 0) holder[0] = 0;
    throw RunError(fmt::format("'{}' is in use by process {}; wait for it or stop it", folder.string(), holder));
  }
  const std::string own = std::to_string(::getpid());
  if (::ftruncate(file.fd, 0) != 0 || ::write(file.fd, own.data(), own.size()) < 0) fail("cannot lock", folder);
  descriptor_ = std::exchange(file.fd, -1);
}

FolderLock::FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool FolderLock::held(const fs::path& folder) {
  const Descriptor file(::open((folder / ".lock").c_str(), O_RDWR | O_CLOEXEC));
  struct flock lock = whole_file();  // asked for, not taken: looking never stops another from locking
  return file.fd >= 0 && ::fcntl(file.fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

}  // namespace figment
