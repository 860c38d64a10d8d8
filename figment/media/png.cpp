#include <fmt/format.h>
#include <libdeflate.h>
#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <memory>
#include <new>
#include <optional>

#include "figment/base/error.h"
#include "figment/media/codecs.h"

namespace figment {
namespace {

// ----------------------------------------------------------------------------------------------------------------
// chunks
constexpr size_t kFrame = 12;  // length, type and checksum around a chunk's data
constexpr int64_t kLongestChunk = 0x7fffffff;

struct Chunk {
  std::string_view type, data;
};

uint32_t checksum(std::string_view bytes) { return libdeflate_crc32(0, bytes.data(), bytes.size()); }

/// The chunk that begins at `at`, which moves behind it.
Chunk next_chunk(std::string_view bytes, size_t& at, std::string_view name) {
  if (bytes.size() - at < kFrame)
    throw DataError(fmt::format("{}: the file is truncated at byte {}", name, bytes.size()));
  const int64_t length = big_endian(bytes, at, 4);
  if (length > kLongestChunk || size_t(length) > bytes.size() - at - kFrame)
    throw DataError(fmt::format("{}: the file is truncated at byte {}", name, bytes.size()));
  const Chunk chunk{bytes.substr(at + 4, 4), bytes.substr(at + 8, size_t(length))};
  if (big_endian(bytes, at + 8 + size_t(length), 4) != checksum(bytes.substr(at + 4, size_t(length) + 4)))
    throw DataError(fmt::format("{}: the file is damaged at byte {}", name, at));
  at += kFrame + size_t(length);
  return chunk;
}

void append_number(std::string& out, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

void append_chunk(std::string& out, std::string_view type, std::string_view data) {
  append_number(out, uint32_t(data.size()));
  const size_t begin = out.size();
  out += type;
  out += data;
  append_number(out, checksum(std::string_view(out).substr(begin)));
}

// --------------------------------------------------------------------------------------------------------------
// decoding
struct Header {
  ImageInfo info;
  int64_t samples = 0;  // of a pixel in the file
};

Header read_header(std::string_view bytes, std::string_view name) {
  size_t at = kPngMagic.size();
  const Chunk chunk = next_chunk(bytes, at, name);
  if (chunk.type != "IHDR" || chunk.data.size() != 13)
    throw DataError(fmt::format("{}: the file is damaged: a PNG begins with its header", name));
  Header header{.info = {.format = "png",
                         .mode = "",
                         .width = big_endian(chunk.data, 0, 4),
                         .height = big_endian(chunk.data, 4, 4),
                         .bits = big_endian(chunk.data, 8, 1)}};
  switch (chunk.data[9]) {
    case PNG_COLOR_TYPE_GRAY:
      header.info.mode = "grey", header.samples = 1;
      break;
    case PNG_COLOR_TYPE_RGB:
      header.info.mode = "rgb", header.samples = 3;
      break;
    case PNG_COLOR_TYPE_PALETTE:
      header.info.mode = "palette", header.samples = 1;
      break;
    case PNG_COLOR_TYPE_GRAY_ALPHA:
      header.info.mode = "grey+alpha", header.samples = 2;
      break;
    case PNG_COLOR_TYPE_RGB_ALPHA:
      header.info.mode = "rgba", header.samples = 4;
      break;
    default:
      throw DataError(fmt::format("{}: the file is damaged: PNG has no colour type {}", name, int(chunk.data[9])));
  }
  check_extents(header.info, name);
  return header;
}

/// One decoding. libpng reports errors by longjmp, so the functions that call it under setjmp hold no object with a
/// destructor; what they need lives here.
struct Decoder {
  explicit Decoder(std::string_view all) : bytes(all) {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, [](png_structp, png_const_charp) {});
    info = png ? png_create_info_struct(png) : nullptr;
    if (!info) {
      png_destroy_read_struct(&png, nullptr, nullptr);
      throw std::bad_alloc();
    }
  }
  ~Decoder() { png_destroy_read_struct(&png, &info, nullptr); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  [[noreturn]] static void on_error(png_structp png, png_const_charp text) {
    auto* self = static_cast<Decoder*>(png_get_error_ptr(png));
    std::strncpy(self->message, text, sizeof self->message - 1);
    png_longjmp(png, 1);
  }

  static void on_read(png_structp png, png_bytep out, size_t count) {
    auto* self = static_cast<Decoder*>(png_get_io_ptr(png));
    if (count > self->bytes.size()) {
      self->truncated = true;
      png_error(png, "end of file");
    }
    std::memcpy(out, self->bytes.data(), count);
    self->bytes.remove_prefix(count);
  }

  /// Everything up to the first row. False after an error.
  bool begin() {
    if (setjmp(png_jmpbuf(png))) return false;
    png_set_read_fn(png, this, on_read);
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // the header has been checked
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);  // all but pixels, palette and transparency
    png_read_info(png, info);
    png_set_expand(png);  // palettes to RGB, 1 2 and 4 bits to 8, tRNS to alpha
    png_set_scale_16(png);
    if (png_get_color_type(png, info) == PNG_COLOR_TYPE_GRAY_ALPHA || png_get_valid(png, info, PNG_INFO_tRNS))
      png_set_gray_to_rgb(png);  // grey with alpha becomes RGBA
    passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    return true;
  }

  /// All rows into `pixels`, and what follows them. False after an error.
  bool read(uint8_t* pixels, size_t row_bytes, int64_t height) {
    if (setjmp(png_jmpbuf(png))) return false;
    for (int pass = 0; pass < passes; ++pass)
      for (row = 0; row < height; ++row) png_read_row(png, pixels + size_t(row) * row_bytes, nullptr);
    png_read_end(png, nullptr);
    return true;
  }

  [[noreturn]] void fail(std::string_view name) const {
    if (truncated && row >= 0) throw DataError(fmt::format("{}: the file is truncated after row {}", name, row));
    if (truncated) throw DataError(fmt::format("{}: the file is truncated before its first row", name));
    throw DataError(fmt::format("{}: the file is damaged: {}", name, message));
  }

  png_structp png = nullptr;
  png_infop info = nullptr;
  std::string_view bytes;  // what is left of the file
  int passes = 1;
  int64_t row = -1;
  bool truncated = false;
  char message[128] = {};
};

// --------------------------------------------------------------------------------------------------------------
// encoding
/// Rows, each behind its filter's number 1: every byte less the one of the pixel to the left.
std::string sub_filtered(const Image& image) {
  const size_t step = size_t(image.channels), row = size_t(image.width) * step;
  std::string out;
  out.resize((row + 1) * size_t(image.height));
  const uint8_t* from = image.pixels.data();
  auto* to = reinterpret_cast<uint8_t*>(out.data());
  for (int64_t y = 0; y < image.height; ++y, from += row) {
    *to++ = PNG_FILTER_VALUE_SUB;
    std::copy_n(from, step, to);
    for (size_t i = step; i < row; ++i) to[i] = uint8_t(from[i] - from[i - step]);
    to += row;
  }
  return out;
}

std::string compressed(std::string_view bytes) {
  constexpr int level = 2;  // a grid of samples at levels 1, 2, 4, 6: 102, 74, 74, 74 KB in 1.1, 1.3, 1.6, 2.6 ms
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(level), libdeflate_free_compressor);
  if (!compressor) throw std::bad_alloc();
  std::string out(libdeflate_zlib_compress_bound(compressor.get(), bytes.size()), '\0');
  out.resize(libdeflate_zlib_compress(compressor.get(), bytes.data(), bytes.size(), out.data(), out.size()));
  return out;
}

// ------------------------------------------------------------------------------------------------------------------
// text
bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) < 0x80; });
}

void append_text(std::string& out, const std::string& key, const std::string& value) {
  const bool printable = std::all_of(key.begin(), key.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (key.empty() || key.size() > 79 || !printable || key.front() == ' ' || key.back() == ' ')
    throw DataError(
        fmt::format("encode_png: a text's key must be 1 to 79 ASCII characters without spaces around, got '{}'", key));
  if (value.find('\0') != std::string::npos || value.size() > size_t(kLongestChunk) / 2)
    throw DataError(fmt::format("encode_png: the text '{}' must hold no zero byte and fit into a chunk", key));
  if (is_ascii(value))
    append_chunk(out, "tEXt", key + '\0' + value);
  else
    append_chunk(out, "iTXt", key + std::string(5, '\0') + value);  // not compressed; no language, no translated key
}

std::string utf8_of_latin1(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto code = static_cast<uint8_t>(c);
    if (code < 0x80)
      out += c;
    else
      out += {static_cast<char>(0xc0 | code >> 6), static_cast<char>(0x80 | (code & 0x3f))};
  }
  return out;
}

/// The text behind the second of the two zero bytes that end an iTXt's language and translated key; nothing if
/// compressed.
std::optional<std::string> international(std::string_view data) {
  if (data.size() < 2 || data[0] != 0) return std::nullopt;
  data.remove_prefix(2);
  for (int field = 0; field < 2; ++field) {
    const size_t zero = data.find('\0');
    if (zero == std::string_view::npos) return std::nullopt;
    data.remove_prefix(zero + 1);
  }
  return std::string(data);
}

}  // namespace

ImageInfo png_info(std::string_view bytes, std::string_view name) { return read_header(bytes, name).info; }

Image decode_png(std::string_view bytes, std::string_view name) {
  const Header header = read_header(bytes, name);
  const ImageInfo& info = header.info;
  // Deflate makes at most 1032 bytes of one, so a bomb and a stump are known before memory is taken for their pixels.
  constexpr int64_t most_expansion = 1032;
  if (info.width * info.height / 8 * info.bits * header.samples / most_expansion > int64_t(bytes.size()))
    throw DataError(fmt::format("{}: the file is truncated: {} bytes cannot hold {} x {} pixels", name, bytes.size(),
                                info.width, info.height));
  Decoder decoder(bytes);
  if (!decoder.begin()) decoder.fail(name);
  Image image{.width = info.width, .height = info.height, .channels = png_get_channels(decoder.png, decoder.info)};
  const size_t row_bytes = size_t(image.width * image.channels);
  if (png_get_rowbytes(decoder.png, decoder.info) != row_bytes ||
      png_get_image_height(decoder.png, decoder.info) != info.height)
    throw DataError(fmt::format("{}: the file is damaged: its header does not fit its rows", name));
  image.pixels.resize(row_bytes * size_t(image.height));
  if (!decoder.read(image.pixels.data(), row_bytes, image.height)) decoder.fail(name);
  return image;
}

std::string encode_png(const Image& image, const std::map<std::string, std::string>& text) {
  const bool known = image.channels == 1 || image.channels == 3 || image.channels == 4;
  if (!known || image.width < 1 || image.height < 1 || image.width > kMostPixels / image.height ||
      int64_t(image.pixels.size()) != image.width * image.height * image.channels)
    throw ShapeError(fmt::format(
        "encode_png: needs 1, 3 or 4 channels, at most {} pixels and one byte for each channel, got {} x {} x {} "
        "and {} bytes",
        kMostPixels, image.width, image.height, image.channels, image.pixels.size()));
  std::string header;
  append_number(header, uint32_t(image.width));
  append_number(header, uint32_t(image.height));
  const int type = image.channels == 1   ? PNG_COLOR_TYPE_GRAY
                   : image.channels == 3 ? PNG_COLOR_TYPE_RGB
                                         : PNG_COLOR_TYPE_RGB_ALPHA;
  header += {8, static_cast<char>(type), 0, 0, 0};  // bits, colour, deflate, adaptive filters, not interlaced
  std::string out(kPngMagic);
  append_chunk(out, "IHDR", header);
  for (const auto& [key, value] : text) append_text(out, key, value);
  append_chunk(out, "IDAT", compressed(sub_filtered(image)));
  append_chunk(out, "IEND", "");
  return out;
}

std::map<std::string, std::string> png_text(std::string_view bytes, std::string_view name) {
  if (!bytes.starts_with(kPngMagic)) throw DataError(fmt::format("{}: is no PNG", name));
  std::map<std::string, std::string> all;
  for (size_t at = kPngMagic.size(); at < bytes.size();) {
    const Chunk chunk = next_chunk(bytes, at, name);
    if (chunk.type == "IEND") break;
    if (chunk.type != "tEXt" && chunk.type != "iTXt") continue;
    const size_t zero = chunk.data.find('\0');
    if (zero == std::string_view::npos) continue;
    const std::string key = utf8_of_latin1(chunk.data.substr(0, zero));
    const std::string_view value = chunk.data.substr(zero + 1);
    if (chunk.type == "tEXt")
      all[key] = utf8_of_latin1(value);
    else if (auto text = international(value))
      all[key] = *std::move(text);
  }
  return all;
}

}  // namespace figment
