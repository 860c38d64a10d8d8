#include "figment/data/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <memory>
#include <new>
#include <vector>

#include "figment/base/error.h"

namespace figment {
namespace {

constexpr size_t kBlockBytes = size_t(1) << 18;

/// Where libarchive takes its bytes from. What `next` throws must not pass through C: it is kept for the caller.
struct Bytes {
  const NextBytes& next;
  std::vector<char> block = std::vector<char>(kBlockBytes);
  std::exception_ptr error = {};
};

la_ssize_t next_block(archive* reader, void* client, const void** block) {
  auto& bytes = *static_cast<Bytes*>(client);
  try {
    *block = bytes.block.data();
    return la_ssize_t(bytes.next(bytes.block.data(), bytes.block.size()));
  } catch (...) {
    bytes.error = std::current_exception();
    archive_set_error(reader, EIO, "the file cannot be read");
    return ARCHIVE_FATAL;
  }
}

class Reader {
 public:
  Reader(const NextBytes& next, std::string_view where) : bytes_{.next = next}, where_(where) {
    if (!reader_) throw std::bad_alloc();
    archive_read_support_format_tar(reader_.get());  // and no filter: what is packed is no tar archive
    expect(archive_read_open(reader_.get(), &bytes_, nullptr, next_block, nullptr));
  }

  /// The header of the next member, null at the end.
  archive_entry* next() {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(reader_.get(), &entry);
    if (status == ARCHIVE_EOF) return nullptr;
    expect(status);
    return entry;
  }

  /// How many bytes of the archive were used: behind a header, where the member's bytes begin.
  int64_t position() const { return archive_filter_bytes(reader_.get(), 0); }

  std::string content(int64_t size) {
    std::string all;
    while (int64_t(all.size()) < size) {  // memory grows with what is there, not with what the header says
      const size_t before = all.size();
      all.resize(std::min(size_t(size), before + kBlockBytes));
      const la_ssize_t got = archive_read_data(reader_.get(), all.data() + before, all.size() - before);
      if (got < 0) expect(int(got));
      if (got <= 0) throw DataError(fmt::format("{}: the archive is truncated", where_));
      all.resize(before + size_t(got));
    }
    return all;
  }

  void read_on_to_the_end() {
    while (bytes_.next(bytes_.block.data(), bytes_.block.size()) > 0) continue;
  }

 private:
  void expect(int status) {
    if (bytes_.error) std::rethrow_exception(bytes_.error);
    if (status == ARCHIVE_OK || status == ARCHIVE_WARN) return;  // a warning: a name that is not of this locale
    const char* reason = archive_error_string(reader_.get());
    if (archive_format(reader_.get()) == 0)
      throw DataError(
          fmt::format("{}: is no tar archive; if it is compressed, unpack it to .tar, since a picture is read at its "
                      "place in the file",
                      where_));
    throw DataError(
        fmt::format("{}: the archive is damaged or truncated{}{}", where_, reason ? ": " : "", reason ? reason : ""));
  }

  struct Free {
    void operator()(archive* reader) const { archive_read_free(reader); }
  };
  Bytes bytes_;
  std::string_view where_;
  std::unique_ptr<archive, Free> reader_{archive_read_new()};
};

/// The bytes of the name where libarchive has them: it converts names of the pax format, which are UTF-8, to the
/// locale, and has none where that is not possible.
std::string name_of(archive_entry* entry) {
  const char* name = archive_entry_pathname(entry);
  if (!name) name = archive_entry_pathname_utf8(entry);
  return name ? name : "";
}

}  // namespace

void each_tar_member(const NextBytes& next, std::string_view where,
                     const std::function<void(const TarMember&, const std::function<std::string()>& content)>& use) {
  Reader reader(next, where);
  while (archive_entry* entry = reader.next()) {
    if (archive_entry_filetype(entry) == AE_IFDIR) continue;
    const TarMember member{.name = name_of(entry),
                           .offset = reader.position(),
                           .size = archive_entry_size(entry),
                           .is_file = archive_entry_filetype(entry) == AE_IFREG && !archive_entry_hardlink(entry) &&
                                      archive_entry_sparse_count(entry) == 0 && archive_entry_size(entry) >= 0};
    use(member, [&] { return reader.content(member.size); });
  }
  reader.read_on_to_the_end();
}

}  // namespace figment
