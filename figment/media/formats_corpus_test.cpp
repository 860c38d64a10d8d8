#include <gif_lib.h>
#include <webp/encode.h>

#include <cstdint>
#include <stdexcept>

#include "figment/media/awkward_test_corpus.h"
#include "figment/media/formats_test_corpus.h"

namespace figment {
namespace {

std::string number(size_t value, size_t bytes, bool little_endian = true) {
  std::string out;
  for (size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> 8 * (little_endian ? i : bytes - 1 - i));
  return out;
}

std::string text(const std::vector<unsigned char>& bytes) { return {bytes.begin(), bytes.end()}; }

std::string webp_chunk(const std::string& type, const std::string& data) {
  return type + number(data.size(), 4) + data + std::string(data.size() % 2, '\0');
}

std::string webp_file(int flags, int width, int height, const std::string& chunks) {
  const std::string header = number(size_t(flags), 4) + number(size_t(width) - 1, 3) + number(size_t(height) - 1, 3);
  const std::string body = "WEBP" + webp_chunk("VP8X", header) + chunks;
  return "RIFF" + number(body.size(), 4) + body;
}

}  // namespace

std::string exif_block(int orientation, bool little) {
  const auto n = [&](size_t value, size_t bytes) { return number(value, bytes, little); };
  return (little ? "II" : "MM") + n(42, 2) + n(8, 4) + n(2, 2) +                   // two entries
         n(0x010f, 2) + n(2, 2) + n(4, 4) + "abc" + std::string(1, '\0') +         // who made the camera
         n(0x0112, 2) + n(3, 2) + n(1, 4) + n(size_t(orientation), 2) + n(0, 2) +  // the orientation
         n(0, 4);
}

std::string jpeg_with_exif(const std::string& jpeg, const std::string& block) {
  const std::string data = std::string("Exif\0\0", 6) + block;
  return jpeg.substr(0, 2) + "\xff\xe1" + number(data.size() + 2, 2, false) + data + jpeg.substr(2);
}

std::string png_with_exif(const std::string& png, const std::string& block, bool behind_pixels) {
  const size_t at = behind_pixels ? png.size() - 12 : 33;  // before IEND, or behind IHDR
  return with_checksums(png.substr(0, at) + number(block.size(), 4, false) + "eXIf" + block + "0000" + png.substr(at));
}

std::string webp_with_exif(const std::string& webp, int width, int height, const std::string& block) {
  constexpr int kHasExif = 8;
  return webp_file(kHasExif, width, height, webp.substr(12) + webp_chunk("EXIF", block));
}

std::string make_webp(const TestPixels& picture) {
  const auto encode = picture.channels == 4 ? WebPEncodeLosslessRGBA : WebPEncodeLosslessRGB;
  uint8_t* bytes = nullptr;
  const size_t size =
      encode(picture.pixels.data(), picture.width, picture.height, picture.width * picture.channels, &bytes);
  std::string out(reinterpret_cast<char*>(bytes), size);
  WebPFree(bytes);
  return out;
}

std::string make_animated_webp(const TestPixels& first, const TestPixels& second) {
  constexpr int kAnimated = 2;
  std::string chunks = webp_chunk("ANIM", number(0, 6));
  for (const TestPixels* picture : {&first, &second})
    chunks += webp_chunk("ANMF", number(0, 6) + number(size_t(picture->width) - 1, 3) +
                                     number(size_t(picture->height) - 1, 3) + number(100, 3) + number(0, 1) +
                                     make_webp(*picture).substr(12));
  return webp_file(kAnimated, first.width, first.height, chunks);
}

std::string make_bmp(const TestPixels& picture) {
  std::string rows;
  for (int y = picture.height - 1; y >= 0; --y) {
    for (int x = 0; x < picture.width; ++x) {
      const unsigned char* p = picture.pixels.data() + (y * picture.width + x) * picture.channels;
      rows += {char(p[2]), char(p[1]), char(p[0])};
      if (picture.channels == 4) rows += char(p[3]);
    }
    rows += std::string((4 - rows.size() % 4) % 4, '\0');
  }
  return "BM" + number(54 + rows.size(), 4) + number(0, 4) + number(54, 4) + number(40, 4) +
         number(size_t(picture.width), 4) + number(size_t(picture.height), 4) + number(1, 2) +
         number(size_t(picture.channels) * 8, 2) + number(0, 4) + number(rows.size(), 4) + std::string(16, '\0') + rows;
}

std::string make_gif(const TestGif& picture) {
  std::string out;
  int error = 0;
  GifFileType* gif = EGifOpen(
      &out,
      [](GifFileType* file, const GifByteType* bytes, int count) {
        static_cast<std::string*>(file->UserData)->append(reinterpret_cast<const char*>(bytes), size_t(count));
        return count;
      },
      &error);
  if (!gif) throw std::runtime_error(GifErrorString(error));
  EGifSetGifVersion(gif, true);
  const int colours = int(picture.palette.size() / 3),
            frame_width = picture.frame_width ? picture.frame_width : picture.width;
  const int frame_height = picture.frame_height ? picture.frame_height : picture.height;
  ColorMapObject* map = GifMakeMapObject(colours, reinterpret_cast<const GifColorType*>(picture.palette.data()));
  EGifPutScreenDesc(gif, picture.width, picture.height, 8, 0, map);
  if (picture.transparent >= 0) {
    const GraphicsControlBlock control{.TransparentColor = picture.transparent};
    GifByteType block[4];
    EGifGCBToExtension(&control, block);
    EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, 4, block);
  }
  EGifPutImageDesc(gif, picture.left, picture.top, frame_width, frame_height, picture.interlaced, nullptr);
  std::vector<unsigned char> indices = picture.indices;
  const auto put = [&](int y) { EGifPutLine(gif, indices.data() + y * frame_width, frame_width); };
  if (picture.interlaced)
    for (const auto& [first, step] : {std::pair(0, 8), std::pair(4, 8), std::pair(2, 4), std::pair(1, 2)})
      for (int y = first; y < frame_height; y += step) put(y);
  else
    for (int y = 0; y < frame_height; ++y) put(y);
  EGifCloseFile(gif, &error);
  GifFreeMapObject(map);
  return out;
}

std::string make_tiff(const TestTiff& picture) {
  constexpr size_t kShort = 3, kLong = 4, kHeader = 8;
  std::string entries, beyond;
  size_t count = 0;
  const size_t entries_here = picture.extra >= 0 ? 12 : 11, table = kHeader + text(picture.rows).size();
  const auto entry = [&](size_t tag, size_t type, size_t value) {
    entries += number(tag, 2) + number(type, 2) + number(1, 4) + number(value, 4);
    ++count;
  };
  entry(256, kLong, size_t(picture.width));
  entry(257, kLong, size_t(picture.height));
  if (picture.samples <= 2) {
    entries += number(258, 2) + number(kShort, 2) + number(size_t(picture.samples), 4);
    for (int i = 0; i < 2; ++i) entries += number(i < picture.samples ? size_t(picture.bits) : 0, 2);
  } else {
    entries += number(258, 2) + number(kShort, 2) + number(size_t(picture.samples), 4) +
               number(table + 2 + entries_here * 12 + 4, 4);
    for (int i = 0; i < picture.samples; ++i) beyond += number(size_t(picture.bits), 2);
  }
  ++count;
  entry(259, kShort, 1);
  entry(262, kShort, size_t(picture.photometric));
  entry(273, kLong, kHeader);
  entry(274, kShort, size_t(picture.orientation));
  entry(277, kShort, size_t(picture.samples));
  entry(278, kLong, size_t(picture.height));
  entry(279, kLong, picture.rows.size());
  if (picture.extra >= 0) entry(338, kShort, size_t(picture.extra));
  entry(339, kShort, size_t(picture.sample_format));
  return "II" + number(42, 2) + number(table, 4) + text(picture.rows) + number(count, 2) + entries + number(0, 4) +
         beyond;
}

}  // namespace figment
