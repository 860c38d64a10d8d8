#include <fmt/format.h>
#include <turbojpeg.h>

#include <memory>
#include <new>
#include <type_traits>

#include "figment/base/error.h"
#include "figment/media/codecs.h"

namespace figment {
namespace {

struct Header {
  ImageInfo info;
  int64_t components = 0;
  bool adobe = false;  // Adobe's marker: ink is stored inverted, 255 for none
};

bool begins_frame(int marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

/// The frame header (ITU T.81, B.2.2).
void read_frame(std::string_view segment, std::string_view name, Header& header) {
  if (segment.size() < 6) throw DataError(fmt::format("{}: the file is damaged: its frame header is too short", name));
  header.info.width = big_endian(segment, 3, 2);
  header.info.height = big_endian(segment, 1, 2);
  header.info.bits = big_endian(segment, 0, 1);
  header.components = big_endian(segment, 5, 1);
  header.info.mode = header.components == 1   ? "grey"
                     : header.components == 3 ? "rgb"
                     : header.components == 4 ? "cmyk"
                                              : "";
  if (header.info.mode.empty())
    throw DataError(fmt::format("{}: has {} components; 1, 3 and 4 are read", name, header.components));
  check_extents(header.info, name);
}

/// Walks the segments up to the first scan: Adobe's marker and EXIF may stand behind the frame header. TurboJPEG's own
/// reader of headers refuses sampling factors that its decoder takes, and tells nothing of either.
Header read_header(std::string_view bytes, std::string_view name) {
  const auto byte = [&](size_t at) { return static_cast<uint8_t>(bytes[at]); };
  Header header{.info = {.format = "jpeg"}};
  int by_exif = 0, by_xmp = 0;
  const auto has_frame = [&] { return header.components > 0; };
  for (size_t at = 2; at + 4 <= bytes.size();) {
    const int marker = byte(at + 1);
    if (byte(at) == 0xff && marker == 0xff) {  // fill byte
      ++at;
      continue;
    }
    const auto length = size_t(big_endian(bytes, at + 2, 2));
    const bool damaged = byte(at) != 0xff || length < 2, scan = marker == 0xda || marker == 0xd9;
    if (has_frame() && (damaged || scan)) return header;  // what is damaged here, the decoder says
    if (byte(at) != 0xff) throw DataError(fmt::format("{}: the file is damaged at byte {}", name, at));
    if (damaged || scan) throw DataError(fmt::format("{}: the file is damaged: it has no frame header", name));
    const std::string_view segment = bytes.substr(at + 4, length - 2);
    if (segment.size() < length - 2) break;
    if (marker == 0xee && segment.starts_with("Adobe")) header.adobe = true;
    if (marker == 0xe1 && segment.starts_with("Exif")) by_exif = exif_orientation(segment);
    if (marker == 0xe1 && segment.starts_with("http://ns.adobe.com/xap/")) by_xmp = xmp_orientation(segment);
    header.info.orientation = orientation_by(by_exif, by_xmp);
    if (begins_frame(marker) && !has_frame()) read_frame(segment, name, header);
    at += 2 + length;
  }
  if (has_frame()) return header;
  throw DataError(fmt::format("{}: the file is truncated before its first row", name));
}

/// 1, 2, 4 or 8: the largest of them by which the picture keeps twice the extents that are wanted.
int64_t reduction(const ImageInfo& info, int64_t width, int64_t height) {
  int64_t divisor = 8;
  while (divisor > 1 && (info.width / divisor < 2 * width || info.height / divisor < 2 * height)) divisor /= 2;
  return divisor;
}

/// Ink to light. `light` is what the file stores under Adobe's marker, 255 less that without it.
Image rgb_of_cmyk(const Image& cmyk, bool adobe) {
  Image rgb{.width = cmyk.width, .height = cmyk.height, .channels = 3};
  rgb.pixels.resize(cmyk.pixels.size() / 4 * 3);
  const uint8_t* from = cmyk.pixels.data();
  const auto light = [&](int channel) { return adobe ? from[channel] : 255 - from[channel]; };
  for (size_t i = 0; i < rgb.pixels.size(); i += 3, from += 4)
    for (int channel = 0; channel < 3; ++channel)
      rgb.pixels[i + size_t(channel)] = uint8_t((light(channel) * light(3) + 127) / 255);
  return rgb;
}

ImageInfo jpeg_info(std::string_view bytes, std::string_view name) { return read_header(bytes, name).info; }

Decoded decode_jpeg(std::string_view bytes, std::string_view name, int64_t width, int64_t height) {
  const Header header = read_header(bytes, name);
  if (header.info.bits != 8)
    throw DataError(fmt::format("{}: has {} bits a channel; JPEG of 8 bits is read", name, header.info.bits));
  const std::unique_ptr<std::remove_pointer_t<tjhandle>, decltype(&tjDestroy)> decoder(tjInitDecompress(), tjDestroy);
  if (!decoder) throw std::bad_alloc();
  const int64_t divisor = reduction(header.info, width, height);
  Image image{.width = (header.info.width + divisor - 1) / divisor,
              .height = (header.info.height + divisor - 1) / divisor,
              .channels = header.components};
  image.pixels.resize(size_t(image.width * image.height * image.channels));
  const int format = image.channels == 1 ? TJPF_GRAY : image.channels == 3 ? TJPF_RGB : TJPF_CMYK;
  // A warning is an error: after it libjpeg goes on with grey. Many thousand scans in a small file are an attack.
  if (tjDecompress2(decoder.get(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                    image.pixels.data(), int(image.width), int(image.width * image.channels), int(image.height), format,
                    TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS) != 0)
    throw DataError(fmt::format("{}: the file is damaged or truncated: {}", name, tjGetErrorStr2(decoder.get())));
  return {.image = image.channels == 4 ? rgb_of_cmyk(image, header.adobe) : std::move(image)};
}

}  // namespace

const Codec kJpeg{.recognises = [](std::string_view bytes) { return bytes.starts_with("\xff\xd8\xff"); },
                  .info = jpeg_info,
                  .decode = decode_jpeg};

}  // namespace figment
