// Pictures as they are met in the wild, made in memory for tests: every kind of PNG and JPEG, some of each other
// format, and files that are none.
#pragma once
#include <string>
#include <vector>

namespace figment {

enum class Expectation { kReads, kSkips };

struct CorpusFile {
  std::string name, bytes;
  Expectation expectation = Expectation::kReads;
  std::string what;  ///< kReads: ImageInfo::mode; kSkips: words of the sentence that says why
};

/// All readable ones show the same 16 x 12 picture, some of them upside down, except "one-pixel.png".
std::vector<CorpusFile> awkward_images();

/// A PNG as libpng writes it. `colour_type` and `bits` as in the PNG specification; `rows` as they lie in the file.
struct TestPng {
  int width = 0, height = 0, colour_type = 0, bits = 8;
  std::vector<unsigned char> rows = {};
  bool interlaced = false;
  std::vector<unsigned char> palette = {};        ///< red, green, blue of each entry
  std::vector<unsigned char> palette_alpha = {};  ///< tRNS of a palette
  int transparent_grey = -1;                      ///< tRNS of a grey picture
  int significant_bits = 0;                       ///< sBIT of a grey or colour picture
};
std::string make_png(const TestPng&);

/// A JPEG as TurboJPEG writes it: 1 channel grey, 3 RGB, 4 CMYK (under Adobe's marker: 255 is no ink).
struct TestJpeg {
  int width = 0, height = 0, channels = 3, quality = 95;
  std::vector<unsigned char> pixels = {};
  bool progressive = false;
};
std::string make_jpeg(const TestJpeg&);

/// Every chunk's checksum made right, as far as chunks can be told: so that damage gets beyond the first check.
inline std::string with_checksums(std::string png) {
  const auto byte = [&](size_t at) { return static_cast<unsigned char>(png[at]); };
  for (size_t at = 8; at + 12 <= png.size();) {
    const size_t length =
        size_t(byte(at)) << 24 | size_t(byte(at + 1)) << 16 | size_t(byte(at + 2)) << 8 | byte(at + 3);
    if (length > png.size() - at - 12) break;
    unsigned crc = 0xffffffffu;
    for (size_t i = at + 4; i < at + 8 + length; ++i) {
      crc ^= byte(i);
      for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0u);
    }
    at += 12 + length;
    for (size_t i = 0; i < 4; ++i) png[at - 4 + i] = static_cast<char>(~crc >> (24 - 8 * i));
  }
  return png;
}

}  // namespace figment
