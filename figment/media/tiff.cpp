#include <fmt/format.h>
#include <tiffio.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

#include "figment/base/error.h"
#include "figment/media/codecs.h"

namespace figment {
namespace {

/// The bytes, how far libtiff has read, and what it complained of first.
struct Memory {
  std::string_view bytes;
  toff_t at = 0;
  std::string complaint = {};
};

tmsize_t read_some(thandle_t handle, void* to, tmsize_t count) {
  auto& memory = *static_cast<Memory*>(handle);
  if (count < 0 || memory.at > memory.bytes.size()) return 0;
  const size_t some = std::min(size_t(count), size_t(memory.bytes.size() - memory.at));
  std::memcpy(to, memory.bytes.data() + memory.at, some);
  memory.at += some;
  return tmsize_t(some);
}

toff_t seek(thandle_t handle, toff_t offset, int from) {
  auto& memory = *static_cast<Memory*>(handle);
  const toff_t base = from == SEEK_SET ? 0 : from == SEEK_CUR ? memory.at : memory.bytes.size();
  return memory.at = base + offset;
}

int complain(TIFF*, void* handle, const char*, const char* format, va_list words) {
  auto& memory = *static_cast<Memory*>(handle);
  char text[200];
  std::vsnprintf(text, sizeof text, format, words);
  if (memory.complaint.empty()) memory.complaint = text;
  return 1;
}

[[noreturn]] void fail(const Memory& memory, std::string_view name, std::string_view otherwise = "") {
  throw DataError(fmt::format("{}: the file is damaged, truncated, or of a kind of TIFF that is not read: {}", name,
                              memory.complaint.empty() ? otherwise : memory.complaint));
}

using File = std::unique_ptr<TIFF, decltype(&TIFFClose)>;

/// The first picture of a file. `memory` must outlive it.
File opened(Memory& memory, std::string_view name) {
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                 TIFFOpenOptionsFree);
  if (!options) throw std::bad_alloc();
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), tmsize_t(4 * kMostPixels));
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), complain, &memory);
  TIFFOpenOptionsSetWarningHandlerExtR(
      options.get(), [](TIFF*, void*, const char*, const char*, va_list) { return 1; }, nullptr);
  File file(TIFFClientOpenExt(
                "picture", "rm", &memory, read_some, [](thandle_t, void*, tmsize_t) { return tmsize_t(0); }, seek,
                [](thandle_t) { return 0; },
                [](thandle_t handle) { return toff_t(static_cast<Memory*>(handle)->bytes.size()); }, nullptr, nullptr,
                options.get()),
            TIFFClose);
  if (!file) fail(memory, name);
  return file;
}

template <class T>
int64_t field(const File& file, ttag_t tag) {
  T value = 0;
  return TIFFGetFieldDefaulted(file.get(), tag, &value) ? int64_t(value) : 0;
}

/// What libtiff takes it for where the file does not say.
int64_t photometric_of(const File& file) {
  uint16_t value = 0;
  if (TIFFGetField(file.get(), TIFFTAG_PHOTOMETRIC, &value)) return value;
  return field<uint16_t>(file, TIFFTAG_SAMPLESPERPIXEL) >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
}

std::string mode_of(int64_t photometric, int64_t samples, std::string_view name) {
  switch (photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
      if (samples <= 2) return samples == 1 ? "grey" : "grey+alpha";
      break;
    case PHOTOMETRIC_PALETTE:
      if (samples <= 2) return "palette";
      break;
    case PHOTOMETRIC_SEPARATED:
      if (samples == 4) return "cmyk";
      break;
    case PHOTOMETRIC_RGB:
    case PHOTOMETRIC_YCBCR:
      if (samples == 3 || samples == 4) return samples == 3 ? "rgb" : "rgba";
      break;
    default:
      throw DataError(
          fmt::format("{}: is a TIFF of another colour space (photometric {}), which is not read; save it "
                      "as RGB",
                      name, photometric));
  }
  throw DataError(
      fmt::format("{}: has {} channels, which is not read for its kind of colour; save it as PNG", name, samples));
}

/// Whether the values of 16 bits are read as they are. Elsewhere libtiff's conversion to colour halves them.
bool keeps_depth(const File& file, const ImageInfo& info) {
  const bool together = field<uint16_t>(file, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_CONTIG;
  return info.bits == 16 && !TIFFIsTiled(file.get()) &&
         (info.mode == "grey" || (info.mode == "rgb" && together && photometric_of(file) == PHOTOMETRIC_RGB));
}

ImageInfo info_of(const File& file, std::string_view name) {
  ImageInfo info{.format = "tiff",
                 .width = field<uint32_t>(file, TIFFTAG_IMAGEWIDTH),
                 .height = field<uint32_t>(file, TIFFTAG_IMAGELENGTH),
                 .bits = field<uint16_t>(file, TIFFTAG_BITSPERSAMPLE)};
  check_extents(info, name);
  const int64_t format = field<uint16_t>(file, TIFFTAG_SAMPLEFORMAT);
  if (format > SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_VOID)
    throw DataError(fmt::format("{}: holds {} numbers; whole numbers without a sign are read: save it as PNG", name,
                                format == SAMPLEFORMAT_IEEEFP ? "floating-point" : "signed or complex"));
  if (info.bits > 16) throw DataError(fmt::format("{}: has {} bits a channel; at most 16 are read", name, info.bits));
  info.mode = mode_of(photometric_of(file), field<uint16_t>(file, TIFFTAG_SAMPLESPERPIXEL), name);
  if (info.mode == "grey+alpha" && info.bits == 16)  // libtiff would drop the alpha
    throw DataError(fmt::format("{}: is grey with transparency of 16 bits, which is not read; save it as PNG", name));
  if (info.bits == 16 && !keeps_depth(file, info)) info.bits = 8;
  const int64_t orientation = field<uint16_t>(file, TIFFTAG_ORIENTATION);
  info.orientation = orientation >= 1 && orientation <= 8 ? int(orientation) : 1;
  return info;
}

ImageInfo tiff_info(std::string_view bytes, std::string_view name) {
  Memory memory{.bytes = bytes};
  return info_of(opened(memory, name), name);
}

/// All of the 16 bits.
Decoded read_deep(const File& file, const ImageInfo& info, const Memory& memory, std::string_view name) {
  Decoded decoded{.image = {.width = info.width, .height = info.height, .channels = info.mode == "grey" ? 1 : 3}};
  const int64_t row = info.width * decoded.image.channels;
  if (TIFFScanlineSize(file.get()) != 2 * row) fail(memory, name, "its rows do not fit its width");
  decoded.deep.resize(size_t(row * info.height));
  for (int64_t y = 0; y < info.height; ++y)
    if (TIFFReadScanline(file.get(), decoded.deep.data() + y * row, uint32_t(y), 0) < 0) fail(memory, name);
  if (photometric_of(file) == PHOTOMETRIC_MINISWHITE)
    for (uint16_t& value : decoded.deep) value = uint16_t(65535 - value);
  return decoded;
}

/// Anything else as libtiff converts it, the way it lies in the file.
Image read_colour(const File& file, const ImageInfo& info, const Memory& memory, std::string_view name) {
  char reason[1024] = {};
  TIFFRGBAImage reader;
  if (!TIFFRGBAImageOK(file.get(), reason) || !TIFFRGBAImageBegin(&reader, file.get(), 1, reason))
    fail(memory, name, reason);
  const std::unique_ptr<TIFFRGBAImage, decltype(&TIFFRGBAImageEnd)> end(&reader, TIFFRGBAImageEnd);
  reader.orientation = reader.req_orientation = ORIENTATION_TOPLEFT;  // it is turned with all others
  std::vector<uint32_t> raster(size_t(info.width * info.height));
  if (!TIFFRGBAImageGet(&reader, raster.data(), reader.width, reader.height) || !memory.complaint.empty())
    fail(memory, name);
  const bool alpha = reader.alpha != 0;
  Image image{.width = info.width, .height = info.height, .channels = alpha ? 4 : 3};
  image.pixels.reserve(raster.size() * size_t(image.channels));
  for (const uint32_t pixel : raster) {
    for (const uint32_t colour : {TIFFGetR(pixel), TIFFGetG(pixel), TIFFGetB(pixel)})
      image.pixels.push_back(uint8_t(colour));
    if (alpha) image.pixels.push_back(uint8_t(TIFFGetA(pixel)));
  }
  // libtiff multiplies the colour by alpha where the file has not done so, but never grey.
  if (alpha && !(info.mode == "grey+alpha" && reader.alpha == EXTRASAMPLE_UNASSALPHA)) unpremultiply(image);
  return image;
}

Decoded decode_tiff(std::string_view bytes, std::string_view name, int64_t, int64_t) {
  Memory memory{.bytes = bytes};
  const File file = opened(memory, name);
  const ImageInfo info = info_of(file, name);
  if (keeps_depth(file, info)) return read_deep(file, info, memory, name);
  Image image = read_colour(file, info, memory, name);
  return {.image = info.mode == "grey" ? first_channel(image) : std::move(image)};
}

}  // namespace

const Codec kTiff{.recognises =
                      [](std::string_view bytes) {
                        using namespace std::string_view_literals;
                        return bytes.starts_with("II*\0"sv) || bytes.starts_with("MM\0*"sv) ||
                               bytes.starts_with("II+\0"sv) || bytes.starts_with("MM\0+"sv);
                      },
                  .info = tiff_info,
                  .decode = decode_tiff};

}  // namespace figment
