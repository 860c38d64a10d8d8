#include <png.h>
#include <turbojpeg.h>

#include <memory>
#include <stdexcept>

#include "figment/media/awkward_test_corpus.h"
#include "figment/media/formats_test_corpus.h"
#include "figment/media/image.h"

namespace figment {
namespace {

constexpr int kWidth = 16, kHeight = 12;

/// Red rises to the right, green downwards, blue falls to the right; grey is red.
std::vector<unsigned char> picture(int channels) {
  std::vector<unsigned char> pixels;
  for (int y = 0; y < kHeight; ++y)
    for (int x = 0; x < kWidth; ++x) {
      const int all[] = {x * 17, y * 23, 255 - x * 17, 255 - y * 23};
      for (int c = 0; c < channels; ++c)
        pixels.push_back(static_cast<unsigned char>(channels == 2 && c == 1 ? all[3] : all[c]));
    }
  return pixels;
}

std::vector<unsigned char> doubled(
    const std::vector<unsigned char>& bytes) {  // v * 257: the same brightness in 16 bits
  std::vector<unsigned char> out;
  for (const auto byte : bytes) out.insert(out.end(), {byte, byte});
  return out;
}

TestPng plain(int colour_type, int channels) {
  return {.width = kWidth, .height = kHeight, .colour_type = colour_type, .rows = picture(channels)};
}

TestPng with_palette() {
  TestPng png = plain(PNG_COLOR_TYPE_PALETTE, 1);
  for (auto& index : png.rows) index /= 17;  // 16 entries
  for (int i = 0; i < 16; ++i)
    for (const int value : {i * 17, 128, 255 - i * 17}) png.palette.push_back(static_cast<unsigned char>(value));
  return png;
}

std::string with_header(int width, int height) {  // of a PNG whose header lies, its checksum right
  std::string bytes = encode_png({.width = 1, .height = 1, .channels = 1, .pixels = {7}});
  for (size_t i = 0; i < 4; ++i) {
    bytes[16 + i] = char(width >> (24 - 8 * i));
    bytes[20 + i] = char(height >> (24 - 8 * i));
  }
  return with_checksums(bytes);
}

std::string flipped(std::string bytes, size_t at) {
  bytes[at] = char(bytes[at] ^ 0x10);
  return bytes;
}

}  // namespace

std::string make_png(const TestPng& picture) {
  std::string out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &out,
      [](png_structp p, png_bytep bytes, size_t count) {
        static_cast<std::string*>(png_get_io_ptr(p))->append(reinterpret_cast<char*>(bytes), count);
      },
      nullptr);
  png_set_IHDR(png, info, png_uint_32(picture.width), png_uint_32(picture.height), picture.bits, picture.colour_type,
               picture.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  if (!picture.palette.empty())
    png_set_PLTE(png, info, reinterpret_cast<png_const_colorp>(picture.palette.data()),
                 int(picture.palette.size() / 3));
  if (!picture.palette_alpha.empty())
    png_set_tRNS(png, info, picture.palette_alpha.data(), int(picture.palette_alpha.size()), nullptr);
  if (picture.transparent_grey >= 0) {
    png_color_16 colour = {};
    colour.gray = png_uint_16(picture.transparent_grey);
    png_set_tRNS(png, info, nullptr, 0, &colour);
  }
  if (picture.significant_bits > 0) {
    const auto bits = png_byte(picture.significant_bits);
    const png_color_8 all = {.red = bits, .green = bits, .blue = bits, .gray = bits, .alpha = bits};
    png_set_sBIT(png, info, &all);
  }
  png_write_info(png, info);
  const size_t row = picture.rows.size() / size_t(picture.height);
  std::vector<png_bytep> rows;
  for (size_t y = 0; y < size_t(picture.height); ++y)
    rows.push_back(const_cast<png_bytep>(picture.rows.data() + y * row));
  png_write_image(png, rows.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return out;
}

std::string make_jpeg(const TestJpeg& picture) {
  const std::unique_ptr<void, decltype(&tjDestroy)> encoder(tjInitCompress(), tjDestroy);
  const int format = picture.channels == 1 ? TJPF_GRAY : picture.channels == 3 ? TJPF_RGB : TJPF_CMYK;
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  if (tjCompress2(encoder.get(), picture.pixels.data(), picture.width, 0, picture.height, format, &bytes, &size,
                  picture.channels == 1 ? TJSAMP_GRAY : TJSAMP_444, picture.quality,
                  picture.progressive ? TJFLAG_PROGRESSIVE : 0) != 0)
    throw std::runtime_error(tjGetErrorStr2(encoder.get()));
  std::string out(reinterpret_cast<char*>(bytes), size);
  tjFree(bytes);
  return out;
}

std::vector<CorpusFile> awkward_images() {
  using enum Expectation;
  const TestPng rgb = plain(PNG_COLOR_TYPE_RGB, 3);
  TestPng deep = rgb, deep_grey = plain(PNG_COLOR_TYPE_GRAY, 1), interlaced = rgb, shifted = rgb,
          palette_alpha = with_palette();
  deep.bits = deep_grey.bits = 16;
  deep.rows = doubled(deep.rows);
  deep_grey.rows = doubled(deep_grey.rows);
  interlaced.interlaced = true;
  shifted.significant_bits = 5;
  palette_alpha.palette_alpha = {0, 128};
  TestPng keyed = plain(PNG_COLOR_TYPE_GRAY, 1), bits = keyed;
  keyed.transparent_grey = 0;
  bits.bits = 1;
  bits.rows.clear();
  for (int y = 0; y < kHeight; ++y)
    bits.rows.insert(bits.rows.end(), {0x00, 0xff});  // left half black, right half white

  TestJpeg jpeg{.width = kWidth, .height = kHeight, .pixels = picture(3)}, grey = jpeg, progressive = jpeg, cmyk = jpeg;
  grey.channels = 1;
  grey.pixels = picture(1);
  progressive.progressive = true;
  cmyk.channels = 4;
  cmyk.pixels = picture(3);
  std::vector<unsigned char> light;
  for (size_t i = 0; i < cmyk.pixels.size(); i += 3)
    light.insert(light.end(), {cmyk.pixels[i], cmyk.pixels[i + 1], cmyk.pixels[i + 2], 255});
  cmyk.pixels = light;
  const TestPixels colours{.width = kWidth, .height = kHeight, .pixels = picture(3)};
  const TestTiff tiff{.width = kWidth, .height = kHeight, .rows = picture(3)};
  TestGif gif{.width = kWidth, .height = kHeight, .palette = with_palette().palette, .indices = with_palette().rows};
  const std::string good_png = make_png(rgb), good_jpeg = make_jpeg(jpeg), good_progressive = make_jpeg(progressive);
  return {
      {"rgb.png", good_png, kReads, "rgb"},
      {"grey.png", make_png(plain(PNG_COLOR_TYPE_GRAY, 1)), kReads, "grey"},
      {"grey-alpha.png", make_png(plain(PNG_COLOR_TYPE_GRAY_ALPHA, 2)), kReads, "grey+alpha"},
      {"rgba.png", make_png(plain(PNG_COLOR_TYPE_RGB_ALPHA, 4)), kReads, "rgba"},
      {"rgb-16-bit.png", make_png(deep), kReads, "rgb"},
      {"grey-16-bit.png", make_png(deep_grey), kReads, "grey"},
      {"grey-1-bit.png", make_png(bits), kReads, "grey"},
      {"grey-one-transparent.png", make_png(keyed), kReads, "grey"},
      {"palette.png", make_png(with_palette()), kReads, "palette"},
      {"palette-alpha.png", make_png(palette_alpha), kReads, "palette"},
      {"interlaced.png", make_png(interlaced), kReads, "rgb"},
      {"five-significant-bits.png", make_png(shifted), kReads, "rgb"},
      {"bytes-after-the-end.png", good_png + "more", kReads, "rgb"},
      {"one-pixel.png", encode_png({.width = 1, .height = 1, .channels = 3, .pixels = {1, 2, 3}}), kReads, "rgb"},
      {"rgb.jpg", good_jpeg, kReads, "rgb"},
      {"grey.jpg", make_jpeg(grey), kReads, "grey"},
      {"progressive.jpg", good_progressive, kReads, "rgb"},
      {"cmyk.jpg", make_jpeg(cmyk), kReads, "cmyk"},
      {"jpeg-inside.png", good_jpeg, kReads, "rgb"},
      {"PNG-INSIDE.JPEG", good_png, kReads, "rgb"},
      {"turned.jpg", jpeg_with_exif(good_jpeg, exif_block(3)), kReads, "rgb"},
      {"turned.png", png_with_exif(good_png, exif_block(3)), kReads, "rgb"},
      {"turned.webp", webp_with_exif(make_webp(colours), kWidth, kHeight, exif_block(3)), kReads, "rgb"},
      {"rgb.webp", make_webp(colours), kReads, "rgb"},
      {"animated.webp", make_animated_webp(colours, colours), kReads, "rgba"},
      {"palette.gif", make_gif(gif), kReads, "palette"},
      {"rgb.bmp", make_bmp(colours), kReads, "rgb"},
      {"rgb.tif", make_tiff(tiff), kReads, "rgb"},
      {"empty.png", "", kSkips, "is empty"},
      {"text.png", "This is no picture.\n", kSkips, "none of PNG, JPEG"},
      {"no-picture.gif", std::string("GIF89a\x01\x00\x01\x00\x00\x00\x00;", 14), kSkips, "without a picture"},
      {"phone.jpg",
       std::string("\0\0\0\x18"
                   "ftypheic0000",
                   16),
       kSkips, "is HEIC"},
      {"half.webp", make_webp(colours).substr(0, 40), kSkips, "truncated"},
      {"half.bmp", make_bmp(colours).substr(0, 300), kSkips, "truncated"},
      {"half.gif", make_gif(gif).substr(0, 100), kSkips, "truncated"},
      {"half.tif", make_tiff(tiff).substr(0, 300), kSkips, "truncated"},
      {"signature-alone.png", good_png.substr(0, 8), kSkips, "truncated"},
      {"half.png", good_png.substr(0, good_png.size() / 2), kSkips, "truncated"},
      {"no-end.png", good_png.substr(0, good_png.size() - 12), kSkips, "truncated"},
      {"flipped-byte.png", flipped(good_png, good_png.size() / 2), kSkips, "damaged"},
      {"half.jpg", good_jpeg.substr(0, good_jpeg.size() * 3 / 4), kSkips, "truncated"},
      {"half-progressive.jpg", good_progressive.substr(0, good_progressive.size() * 3 / 4), kSkips, "truncated"},
      {"header-alone.jpg", good_jpeg.substr(0, 20), kSkips, "truncated"},
      {"pixel-bomb.png", with_header(60000, 60000), kSkips, "60000 x 60000"},
      {"claims-much.png", with_header(8000, 8000), kSkips, "cannot hold"},
      {"no-pixels.png", with_header(0, 5), kSkips, "nothing is in it"},
  };
}

}  // namespace figment
