// The one way in which files are opened for reading: what lies at a path may come from anywhere, and may be no file.
#pragma once
#include <cstdint>
#include <filesystem>

namespace figment {

/// A regular file, open for reading. A named pipe, a device or a folder in its place is refused; opening never waits.
class InputFile {
 public:
  /// Throws FileError with the system's reason, or where the path leads to no regular file, or to one of more than
  /// `most_bytes`.
  InputFile(std::filesystem::path, int64_t most_bytes);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  int64_t size() const { return size_; }          ///< when it was opened; 0 also where the system tells no size (/proc)
  int64_t modified() const { return modified_; }  ///< nanoseconds since 1970, as it was opened; modulo 2^64

  /// Reads up to `count` bytes and returns how many, 0 at the end alone. Throws FileError, also when the file has grown
  /// beyond the bound.
  size_t read(char* to, size_t count);

  /// The same for up to `count` bytes from `offset` on, whatever was read before: fewer only where the file ends.
  /// Called from several threads at once. Throws FileError.
  size_t read_at(int64_t offset, char* to, size_t count) const;

  /// Lets the system fetch these bytes from the drive meanwhile: whoever reads them soon does not wait for it. Waits
  /// for nothing and changes nothing else.
  void will_read(int64_t offset, int64_t count) const;

 private:
  [[noreturn]] void fail() const;
  void expect_within_bound(int64_t bytes) const;

  std::filesystem::path path_;
  int64_t most_bytes_, size_ = 0, modified_ = 0, taken_ = 0;
  int descriptor_ = -1;
};

}  // namespace figment
