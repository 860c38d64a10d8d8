// Files and folders that are either there whole or not there at all.
#pragma once
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace figment {

/// All bytes of a file. Throws FileError with the system's reason.
std::string read_file(const std::filesystem::path&);

/// Writes beside the target, syncs, renames over it: a reader sees the old bytes or the new, whatever happens between.
/// Throws FileError ("no space left on device", "permission denied") and leaves the old file as it was.
void write_file(const std::filesystem::path&, std::string_view bytes);

/// Names in the folder of `missing`, written as it is, that `f` takes: what a person may have meant.
std::vector<std::string> names_beside(const std::filesystem::path& missing,
                                      const std::function<bool(const std::filesystem::directory_entry&)>& f);

/// Makes the folder, and those above it that are missing; does nothing where it is there. Throws FileError.
void make_folder(const std::filesystem::path&);

/// Calls `fill` with a fresh folder beside `target`, syncs what it wrote and renames it to `target`, which must not
/// exist. A crash leaves at most a folder whose name begins with ".part-"; the next call removes it.
void create_folder(const std::filesystem::path& target, const std::function<void(const std::filesystem::path&)>& fill);

/// A lock that the system drops when the process dies. Throws RunError naming the holder's process when taken.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  FolderLock(FolderLock&& other) noexcept;

  /// Whether some process holds the lock of this folder now.
  static bool held(const std::filesystem::path& folder);

 private:
  int descriptor_ = -1;
};

}  // namespace figment
