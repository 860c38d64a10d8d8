// Files and folders that are either there whole or not there at all.
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace figment {

/// Most bytes of a file that is read whole, unless its kind has a bound of its own: four bytes for each pixel of the
/// largest picture.
inline constexpr int64_t kMostBytesRead = int64_t(1) << 28;

/// All bytes of a regular file. Throws FileError as InputFile does.
std::string read_file(const std::filesystem::path&, int64_t most_bytes = kMostBytesRead);

/// Writes beside the target, syncs, renames over it: a reader sees the old bytes or the new, whatever happens between.
/// Of several writers at once the last one wins. A symbolic link in place of the target is replaced, not followed.
/// Throws FileError ("no space left on device", "permission denied") and leaves the old file as it was.
void write_file(const std::filesystem::path&, std::string_view bytes);

/// Names in the folder of `missing`, written as it is, that `f` takes: what a person may have meant.
std::vector<std::string> names_beside(const std::filesystem::path& missing,
                                      const std::function<bool(const std::filesystem::directory_entry&)>& f);

/// Whether something has this name, a symbolic link that leads nowhere too.
bool is_there(const std::filesystem::path&);

/// What lies in the folder, in no order; nothing where there is no such folder. Throws FileError.
std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder);

/// Makes the folder, and those above it that are missing; does nothing where it is there. Throws FileError.
void make_folder(const std::filesystem::path&);

/// Makes the folder, and returns false where something of this name is there already. Throws FileError.
bool claim_folder(const std::filesystem::path&);

/// Throws FileError where something else than a folder has this name: a symbolic link too, since whoever made the link
/// chose what would be written.
void expect_own_folder(const std::filesystem::path&);

/// Makes a folder within a run; does nothing where it is there. Throws FileError as expect_own_folder does.
void make_own_folder(const std::filesystem::path&);

/// Calls `fill` with a fresh folder beside `target`, syncs what it wrote and renames it to `target`, which must not
/// exist. A crash leaves at most a folder that remove_leftovers removes. Throws FileError and what `fill` throws.
void create_folder(const std::filesystem::path& target, const std::function<void(const std::filesystem::path&)>& fill);

/// The same for a target that is there: the two are exchanged at once, where the file system can, and then the old one
/// is removed.
void replace_folder(const std::filesystem::path& target, const std::function<void(const std::filesystem::path&)>& fill);

/// The second half of create_folder, for a folder `part` beside `target` that the caller has claimed. Where anything
/// throws, `part` is removed.
void fill_folder(const std::filesystem::path& part, const std::filesystem::path& target,
                 const std::function<void(const std::filesystem::path&)>& fill);

/// Removes a folder and all that is in it: gone at once for every reader, whatever happens meanwhile. Follows no
/// symbolic link. Throws FileError where it is no folder or cannot be removed.
void remove_folder(const std::filesystem::path&);

/// The beginning of the names of what is not whole yet.
inline constexpr std::string_view kPart = ".part-";

/// Whether figment gives such names to what is not whole yet: behind kPart 16 hexadecimal digits, or, of a run that is
/// being made (in earlier versions a checkpoint), a number of 4 to 9 digits.
bool is_part_name(std::string_view name);

/// Removes from the folder what killed processes had not finished: files, and folders with all they hold, that have
/// such a name, have not changed for so long, and are ours by `is_ours`, without which the folder must be one that
/// figment made. What cannot be removed stays: it costs space alone. Follows no symbolic link.
void remove_leftovers(const std::filesystem::path& folder, std::chrono::seconds unchanged_for,
                      const std::function<bool(const std::filesystem::path&)>& is_ours = {});

/// A lock that the system drops when the process dies: the file `.lock` of a folder. Throws RunError naming the
/// holder's process when taken, FileError where `.lock` is a symbolic link or no file.
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
