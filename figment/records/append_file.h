// An append-only file; each record is written completely or not at all. Both logs of a run (events.jsonl, TensorBoard)
// are written with it.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string_view>

namespace figment {

class AppendFile {
 public:
  enum class Open { kOldOrNew, kNew };

  /// Opens or creates; kNew: only creates. Throws FileError, where a symbolic link or a pipe has this name too.
  explicit AppendFile(std::filesystem::path, Open = Open::kOldOrNew);
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  /// All of the record or none of it: after a full disk the file ends where it ended before. Throws FileError.
  void append(std::string_view record);
  int64_t size() const { return size_; }
  /// Keeps the first `size` bytes alone. Throws FileError.
  void cut(int64_t size);
  /// Returns when everything appended is on the disk, and the file's name too. Throws FileError.
  void sync() const;

 private:
  [[noreturn]] void fail() const;
  std::filesystem::path path_;
  int descriptor_ = -1;
  int64_t size_ = 0;
  mutable bool named_on_disk_ = true;  // false: a new file, whose name in the folder is still to be synced
};

}  // namespace figment
