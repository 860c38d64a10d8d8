#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <new>

#include "figment/base/error.h"
#include "figment/base/machine.h"
#include "figment/base/text.h"
#include "figment/media/array.h"
#include "figment/media/codecs.h"

namespace figment {
namespace {

constexpr std::string_view kGzipMagic("\x1f\x8b", 2);
constexpr char kUnsignedByte = 0x08;
constexpr size_t kPart = 1 << 26;  // bytes unpacked between two looks whether a signal asks for an end

/// Bytes of a plain or gzipped file, handed out as asked for: a bomb is never unpacked beyond what its header claims.
class Source {
 public:
  Source(std::string_view bytes, std::string_view name)
      : name_(name), bytes_(bytes), packed_(bytes.starts_with(kGzipMagic)) {
    if (packed_ && inflateInit2(&stream_, 16 + MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~Source() {
    if (packed_) inflateEnd(&stream_);
  }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  /// Up to `count` bytes, fewer only at the end of the file.
  size_t read(uint8_t* out, size_t count) {
    if (!packed_) {
      const size_t taken = std::min(count, bytes_.size());
      std::copy_n(bytes_.data(), taken, out);
      bytes_.remove_prefix(taken);
      return taken;
    }
    size_t done = 0;
    while (done < count && !ended_) {
      expect_no_stop_signal();
      const auto in = uInt(std::min(bytes_.size(), kPart)), room = uInt(std::min(count - done, kPart));
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes_.data()));
      stream_.avail_in = in;
      stream_.next_out = out + done;
      stream_.avail_out = room;
      const int status = inflate(&stream_, Z_NO_FLUSH);
      bytes_.remove_prefix(in - stream_.avail_in);
      done += room - stream_.avail_out;
      ended_ = status == Z_STREAM_END || status == Z_BUF_ERROR;  // the latter: the file stops in the middle
      whole_ = status == Z_STREAM_END;
      if (!ended_ && status != Z_OK)
        throw DataError(
            fmt::format("{}: the file is damaged: {}", name_, stream_.msg ? stream_.msg : "it cannot be unpacked"));
    }
    return done;
  }

  /// Whether the packed stream ended as it should, its checksum right. Known after a read beyond its last byte.
  bool whole() const { return whole_ || !packed_; }

 private:
  std::string_view name_, bytes_;
  bool packed_, ended_ = false, whole_ = false;
  z_stream stream_ = {};
};

std::vector<int64_t> read_extents(Source& source, std::string_view name) {
  uint8_t magic[4];
  const size_t got = source.read(magic, sizeof magic);
  if (got < sizeof magic || magic[0] != 0 || magic[1] != 0)
    throw DataError(fmt::format("{}: is no IDX file; they begin with two zero bytes", name));
  if (magic[2] != kUnsignedByte)
    throw DataError(fmt::format("{}: holds values of type {:#04x}; unsigned bytes (0x08) are read", name, magic[2]));
  if (magic[3] == 0) throw DataError(fmt::format("{}: says it has no extents", name));
  std::vector<uint8_t> raw(4 * size_t(magic[3]));
  if (source.read(raw.data(), raw.size()) < raw.size())
    throw DataError(fmt::format("{}: the file is truncated in its header", name));
  std::vector<int64_t> extents;
  for (size_t at = 0; at < raw.size(); at += 4)
    extents.push_back(big_endian({reinterpret_cast<const char*>(raw.data()), raw.size()}, at, 4));
  return extents;
}

}  // namespace

ByteArray read_idx(std::string_view bytes, std::string_view name, int64_t most_bytes) {
  Source source(bytes, name);
  ByteArray array{.extents = read_extents(source, name)};
  const std::string extents = fmt::format("{}", fmt::join(array.extents, " x "));
  int64_t count = 1;
  for (const int64_t extent : array.extents) {
    if (extent > 0 && count > most_bytes / extent)
      throw DataError(fmt::format("{}: says {} values; at most {} are read", name, extents, with_commas(most_bytes)));
    count *= extent;
  }
  while (int64_t(array.values.size()) < count) {  // memory grows with what is there, not with what the header says
    const size_t before = array.values.size();
    array.values.resize(size_t(std::min<int64_t>(count, std::max<int64_t>(1 << 20, 2 * int64_t(before)))));
    const size_t got = source.read(array.values.data() + before, array.values.size() - before);
    if (before + got < array.values.size())
      throw DataError(
          fmt::format("{}: says {} values, holds {} of them", name, extents, with_commas(int64_t(before + got))));
  }
  uint8_t more;
  if (source.read(&more, 1) > 0) throw DataError(fmt::format("{}: says {} values, holds more", name, extents));
  if (!source.whole()) throw DataError(fmt::format("{}: the file is truncated after its last value", name));
  return array;
}

std::string write_idx(const ByteArray& array) {
  int64_t count = 1;
  for (const int64_t extent : array.extents) {
    if (extent < 0 || extent > UINT32_MAX || (extent > 0 && count > INT64_MAX / extent))
      throw ShapeError(fmt::format("write_idx: extents must be numbers of 32 bits, got {}", extent));
    count *= extent;
  }
  if (array.extents.empty() || array.extents.size() > 255 || count != int64_t(array.values.size()))
    throw ShapeError(
        fmt::format("write_idx: {} values do not fill {}", array.values.size(), fmt::join(array.extents, " x ")));
  std::string out{0, 0, kUnsignedByte, static_cast<char>(array.extents.size())};
  for (const int64_t extent : array.extents)
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(extent >> shift);
  out.append(array.values.begin(), array.values.end());
  return out;
}

}  // namespace figment
