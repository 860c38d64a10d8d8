#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <bit>
#include <csetjmp>
#include <cstring>
#include <new>

#include "figment/base/error.h"
#include "figment/media/png_chunks.h"

namespace figment {
namespace {

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

/// What the chunk eXIf says, wherever it stands, else XMP. Checksums are left to the decoder, which refuses the whole
/// file.
int orientation_of(std::string_view bytes) {
  constexpr std::string_view kXmp = "XML:com.adobe.xmp";
  int by_exif = 0, by_xmp = 0;
  for (size_t at = kPngMagic.size(); bytes.size() - at >= kFrame;) {
    const auto length = size_t(big_endian(bytes, at, 4));
    if (length > bytes.size() - at - kFrame) break;
    const std::string_view type = bytes.substr(at + 4, 4), data = bytes.substr(at + 8, length);
    if (type == "eXIf") by_exif = exif_orientation(data);
    if (type == "iTXt" && data.starts_with(kXmp)) by_xmp = xmp_orientation(data);
    at += kFrame + length;
  }
  return orientation_by(by_exif, by_xmp);
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
    if constexpr (std::endian::native == std::endian::little)
      if (png_get_bit_depth(png, info) == 16) png_set_swap(png);
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

ImageInfo png_info(std::string_view bytes, std::string_view name) {
  ImageInfo info = read_header(bytes, name).info;
  info.orientation = orientation_of(bytes);
  return info;
}

Decoded decode_png(std::string_view bytes, std::string_view name, int64_t, int64_t) {
  const Header header = read_header(bytes, name);
  const ImageInfo& info = header.info;
  // Deflate makes at most 1032 bytes of one, so a bomb and a stump are known before memory is taken for their pixels.
  constexpr int64_t most_expansion = 1032;
  if (info.width * info.height / 8 * info.bits * header.samples / most_expansion > int64_t(bytes.size()))
    throw DataError(fmt::format("{}: the file is truncated: {} bytes cannot hold {} x {} pixels", name, bytes.size(),
                                info.width, info.height));
  Decoder decoder(bytes);
  if (!decoder.begin()) decoder.fail(name);
  Decoded decoded{
      .image = {.width = info.width, .height = info.height, .channels = png_get_channels(decoder.png, decoder.info)}};
  const auto samples = size_t(info.width * info.height * decoded.image.channels);
  const size_t row_samples = size_t(info.width * decoded.image.channels), bytes_each = info.bits == 16 ? 2 : 1;
  if (png_get_rowbytes(decoder.png, decoder.info) != row_samples * bytes_each ||
      png_get_image_height(decoder.png, decoder.info) != info.height)
    throw DataError(fmt::format("{}: the file is damaged: its header does not fit its rows", name));
  if (info.bits == 16)
    decoded.deep.resize(samples);
  else
    decoded.image.pixels.resize(samples);
  uint8_t* to = info.bits == 16 ? reinterpret_cast<uint8_t*>(decoded.deep.data()) : decoded.image.pixels.data();
  if (!decoder.read(to, row_samples * bytes_each, info.height)) decoder.fail(name);
  return decoded;
}

}  // namespace

const Codec kPng{.recognises = [](std::string_view bytes) { return bytes.starts_with(kPngMagic); },
                 .info = png_info,
                 .decode = decode_png};

}  // namespace figment
