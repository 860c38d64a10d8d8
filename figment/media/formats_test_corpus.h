// Pictures of the formats beside PNG and JPEG, and blocks of EXIF, made in memory for tests.
#pragma once
#include <string>
#include <vector>

namespace figment {

/// A block of EXIF that states the orientation and nothing else.
std::string exif_block(int orientation, bool little_endian = true);
/// A JPEG or PNG with the block: of a PNG before its pixels, or behind them.
std::string jpeg_with_exif(const std::string& jpeg, const std::string& block);
std::string png_with_exif(const std::string& png, const std::string& block, bool behind_pixels = false);
std::string webp_with_exif(const std::string& webp, int width, int height, const std::string& block);

struct TestPixels {
  int width = 0, height = 0, channels = 3;  ///< 3 RGB, 4 RGB and alpha
  std::vector<unsigned char> pixels = {};
};
std::string make_webp(const TestPixels&);  ///< without loss
/// Two pictures of a tenth of a second each.
std::string make_animated_webp(const TestPixels& first, const TestPixels& second);
std::string make_bmp(const TestPixels&);  ///< 24 or 32 bits, rows from below

/// 8 bits a pixel with a palette.
struct TestGif {
  int width = 0, height = 0;  ///< of the canvas
  int left = 0, top = 0, frame_width = 0, frame_height = 0;
  std::vector<unsigned char> palette = {};  ///< red, green, blue of each entry; a power of two of them
  std::vector<unsigned char> indices = {};
  int transparent = -1;
  bool interlaced = false;
};
std::string make_gif(const TestGif&);

/// Uncompressed, in one strip, numbers of 16 bits lowest byte first.
struct TestTiff {
  int width = 0, height = 0, bits = 8, samples = 3, photometric = 2, orientation = 1, sample_format = 1;
  int extra = -1;  ///< what the last sample is: 1 alpha that the colour is multiplied by, 2 alpha that it is not
  std::vector<unsigned char> rows = {};
};
std::string make_tiff(const TestTiff&);

}  // namespace figment
