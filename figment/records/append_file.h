// An append-only file; each record is written completely or not at all. Both logs of a run (events.jsonl, TensorBoard)
// are written with it.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string_view>

namespace figment {

class AppendFile {
 public:
  /// Opens or creates. Throws FileError.
  explicit AppendFile(std::filesystem::path);
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  /// All of the record or none of it: after a full disk the file ends where it ended before. Throws FileError.
  void append(std::string_view record);
  int64_t size() const { return size_; }
  /// Returns when everything appended is on the disk. Throws FileError.
  void sync() const;

 private:
  [[noreturn]] void fail() const;
  std::filesystem::path path_;
  int descriptor_ = -1;
  int64_t size_ = 0;
};

}  // namespace figment
