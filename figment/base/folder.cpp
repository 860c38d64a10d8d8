#include <sys/stat.h>

#include <cstdio>
#include <random>
#include <utility>

#include "figment/base/descriptor.h"
#include "figment/base/file.h"

namespace figment {
namespace fs = std::filesystem;
namespace {

/// What has this name itself, not what a link leads to; false where nothing has it.
bool look_at(const fs::path& path, struct stat& about) { return ::lstat(path.c_str(), &about) == 0; }

/// The lock belongs to the open file, not to the process: two in one process exclude each other too.
struct flock whole_file() {
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

/// `.lock` of the folder, without waiting where it is a pipe.
int open_lock(const fs::path& folder, int flags) {
  return ::open((folder / ".lock").c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags, 0644);
}

void sync_all_in(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (!entry.is_symlink() && (entry.is_regular_file() || entry.is_directory())) sync(entry.path());
  sync(folder, O_RDONLY | O_DIRECTORY);
}

/// A folder beside `target` with a name of its own.
fs::path claimed_part(const fs::path& target) {
  make_folder(folder_of(target));
  const fs::path part = part_in(folder_of(target));
  if (!claim_folder(part)) fail("cannot make the folder", part);
  return part;
}

/// `place` puts what was written at the target, in one call of the system; false with its reason in errno.
void fill_and_place(const fs::path& part, const fs::path& target, const std::function<void(const fs::path&)>& fill,
                    const std::function<bool()>& place) {
  std::error_code ignored;
  try {
    fill(part);
    sync_all_in(part);
    if (!place()) fail("cannot write", target);
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

}  // namespace

bool is_part_name(std::string_view name) {
  if (!name.starts_with(kPart)) return false;
  const std::string_view rest = name.substr(kPart.size());
  const auto only = [&](const char* letters) { return rest.find_first_not_of(letters) == std::string_view::npos; };
  return rest.size() == 16 ? only("0123456789abcdef") : rest.size() >= 4 && rest.size() <= 9 && only("0123456789");
}

fs::path part_in(const fs::path& folder) {
  std::random_device random;
  return folder / fmt::format("{}{:08x}{:08x}", kPart, random(), random());
}

bool is_there(const fs::path& path) {
  struct stat about = {};
  return look_at(path, about);
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    entries.push_back(entry->path());
  if (!error || error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory) return entries;
  errno = error.value();
  fail("cannot list", folder);
}

void make_folder(const fs::path& path) {
  std::error_code ignored;
  if (path.empty() || fs::is_directory(path, ignored)) return;
  int made = ::mkdir(path.c_str(), 0777);
  if (made != 0 && errno == ENOENT && folder_of(path) != path) {
    make_folder(folder_of(path));
    made = ::mkdir(path.c_str(), 0777);
  }
  if (made == 0) return sync(folder_of(path), O_RDONLY | O_DIRECTORY);
  const int reason = errno;
  if (fs::is_directory(path, ignored)) return;  // another process was faster
  errno = reason;
  fail("cannot make the folder", path);
}

bool claim_folder(const fs::path& path) {
  if (::mkdir(path.c_str(), 0777) == 0) return true;
  if (errno != EEXIST) fail("cannot make the folder", path);
  return false;
}

void expect_own_folder(const fs::path& path) {
  struct stat about = {};
  if (!look_at(path, about) || S_ISDIR(about.st_mode)) return;
  errno = S_ISLNK(about.st_mode) ? ELOOP : ENOTDIR;
  fail("cannot write into the folder", path);
}

void make_own_folder(const fs::path& path) {
  if (claim_folder(path)) return sync(folder_of(path), O_RDONLY | O_DIRECTORY);
  expect_own_folder(path);
}

void create_folder(const fs::path& target, const std::function<void(const fs::path&)>& fill) {
  if (is_there(target)) throw FileError(fmt::format("'{}' is there already; move it away", target.string()));
  fill_folder(claimed_part(target), target, fill);
}

void replace_folder(const fs::path& target, const std::function<void(const fs::path&)>& fill) {
  const fs::path part = claimed_part(target);
  fill_and_place(part, target, fill, [&] {
    if (::renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0) return true;
    if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP && errno != EXDEV) return false;
    remove_folder(target);  // the file system cannot exchange two folders
    return ::rename(part.c_str(), target.c_str()) == 0;
  });
  std::error_code ignored;  // what stays is a leftover
  fs::remove_all(part, ignored);
}

void fill_folder(const fs::path& part, const fs::path& target, const std::function<void(const fs::path&)>& fill) {
  fill_and_place(part, target, fill, [&] { return ::rename(part.c_str(), target.c_str()) == 0; });
}

void remove_folder(const fs::path& path) {
  struct stat about = {};
  errno = look_at(path, about) ? ENOTDIR : errno;
  const fs::path part = part_in(folder_of(path));
  if (!S_ISDIR(about.st_mode) || ::rename(path.c_str(), part.c_str()) != 0) fail("cannot remove the folder", path);
  std::error_code error;
  fs::remove_all(part, error);
  if (!error) return;
  errno = error.value();
  fail("cannot remove the folder", path);
}

void remove_leftovers(const fs::path& folder, std::chrono::seconds unchanged_for,
                      const std::function<bool(const fs::path&)>& is_ours) {
  std::error_code ignored;
  const auto latest = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() - unchanged_for);
  struct stat about = {};
  if (!look_at(folder, about) || !S_ISDIR(about.st_mode)) return;
  for (fs::directory_iterator entry(folder, ignored), end; !ignored && entry != end; entry.increment(ignored)) {
    if (!is_part_name(entry->path().filename().string()) || !look_at(entry->path(), about)) continue;
    std::error_code kept;
    if (about.st_mtime <= latest && (S_ISDIR(about.st_mode) || S_ISREG(about.st_mode)) &&
        (!is_ours || is_ours(entry->path())))
      fs::remove_all(entry->path(), kept);
  }
}

FolderLock::FolderLock(const fs::path& folder) {
  Descriptor file(open_lock(folder, O_CREAT));
  struct stat about = {};
  if (file.fd < 0 || ::fstat(file.fd, &about) != 0) fail("cannot lock", folder);
  if (!S_ISREG(about.st_mode))
    throw FileError(fmt::format("cannot lock '{}': its .lock is no file; remove it", folder.string()));
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
  const Descriptor file(open_lock(folder, 0));
  struct flock lock = whole_file();  // asked for, not taken: looking never stops another from locking
  return file.fd >= 0 && ::fcntl(file.fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

}  // namespace figment
