#include "figment/base/file.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "figment/base/descriptor.h"
#include "figment/base/error.h"
#include "figment/base/input_file.h"

namespace figment {
namespace fs = std::filesystem;

std::vector<std::string> names_beside(const fs::path& missing,
                                      const std::function<bool(const fs::directory_entry&)>& f) {
  std::vector<std::string> names;
  std::error_code ignored;
  const fs::path parent = missing.parent_path();
  for (const auto& entry : fs::directory_iterator(parent.empty() ? fs::path(".") : parent, ignored))
    if (f(entry)) names.push_back((parent / entry.path().filename()).string());
  return names;
}

std::string read_file(const fs::path& path, int64_t most_bytes) {
  InputFile file(path, most_bytes);
  std::string bytes(size_t(file.size()) + 1, '\0');  // one more, so that the end is seen without growing
  for (size_t size = 0;;) {
    if (size == bytes.size()) bytes.resize(2 * size);  // it grows while we read, or the system tells no size
    const size_t got = file.read(bytes.data() + size, bytes.size() - size);
    size += got;
    if (got > 0) continue;
    bytes.resize(size);
    return bytes;
  }
}

void write_file(const fs::path& path, std::string_view bytes) {
  const fs::path part = part_in(folder_of(path));
  {
    const Descriptor file(::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    bool good = file.fd >= 0;
    while (good && !bytes.empty()) {
      const ssize_t written = ::write(file.fd, bytes.data(), bytes.size());
      if (written >= 0)
        bytes.remove_prefix(size_t(written));
      else
        good = errno == EINTR;
    }
    if (!good || ::fsync(file.fd) != 0 || ::rename(part.c_str(), path.c_str()) != 0) {
      const int reason = errno;
      ::unlink(part.c_str());
      errno = reason;
      fail("cannot write", path);
    }
  }
  sync(folder_of(path), O_RDONLY | O_DIRECTORY);
}

}  // namespace figment
