#include <fmt/format.h>
#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "figment/base/error.h"
#include "figment/media/codecs.h"

namespace figment {
namespace {

struct Closer {
  void operator()(GifFileType* gif) const { DGifCloseFile(gif, nullptr); }
};

/// A file up to the rows of its first picture.
struct FirstPicture {
  std::string_view left;  // what giflib has not read
  std::unique_ptr<GifFileType, Closer> gif = {};
  int transparent = NO_TRANSPARENT_COLOR;

  const GifImageDesc& frame() const { return gif->Image; }
  const ColorMapObject& colours() const { return frame().ColorMap ? *frame().ColorMap : *gif->SColorMap; }
  bool is_whole() const {
    return frame().Left == 0 && frame().Top == 0 && frame().Width == gif->SWidth && frame().Height == gif->SHeight;
  }
  bool has_alpha() const { return transparent != NO_TRANSPARENT_COLOR || !is_whole(); }
  bool is_grey() const {
    const GifColorType* first = colours().Colors;
    return !has_alpha() && std::all_of(first, first + colours().ColorCount,
                                       [](const GifColorType& c) { return c.Red == c.Green && c.Green == c.Blue; });
  }
};

[[noreturn]] void fail(std::string_view name, int error) {
  const char* reason = GifErrorString(error);
  throw DataError(fmt::format("{}: the file is damaged or truncated: {}", name, reason ? reason : "no reason given"));
}

int read_some(GifFileType* gif, GifByteType* to, int count) {
  auto& left = static_cast<FirstPicture*>(gif->UserData)->left;
  const size_t some = std::min(left.size(), size_t(count));
  std::memcpy(to, left.data(), some);
  left.remove_prefix(some);
  return int(some);
}

/// The blocks before a picture may say which of its colours is transparent.
void read_extension(FirstPicture& file, std::string_view name) {
  int code = 0;
  GifByteType* block = nullptr;
  bool fine = DGifGetExtension(file.gif.get(), &code, &block) == GIF_OK;
  while (fine && block) {
    GraphicsControlBlock control;
    if (code == GRAPHICS_EXT_FUNC_CODE && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
      file.transparent = control.TransparentColor;
    fine = DGifGetExtensionNext(file.gif.get(), &block) == GIF_OK;
  }
  if (!fine) fail(name, file.gif->Error);
}

/// `file` holds the bytes and must stay where it is: giflib reads from it.
void open_first(FirstPicture& file, std::string_view name) {
  int error = 0;
  file.gif.reset(DGifOpen(&file, read_some, &error));
  if (!file.gif) fail(name, error);
  for (GifRecordType record = UNDEFINED_RECORD_TYPE; record != IMAGE_DESC_RECORD_TYPE;) {
    if (DGifGetRecordType(file.gif.get(), &record) != GIF_OK) fail(name, file.gif->Error);
    if (record == TERMINATE_RECORD_TYPE) throw DataError(fmt::format("{}: is a GIF without a picture", name));
    if (record == EXTENSION_RECORD_TYPE) read_extension(file, name);
  }
  if (DGifGetImageDesc(file.gif.get()) != GIF_OK) fail(name, file.gif->Error);
  if (!file.frame().ColorMap && !file.gif->SColorMap)
    throw DataError(fmt::format("{}: is a GIF without colours", name));
}

ImageInfo info_of(const FirstPicture& file, std::string_view name) {
  ImageInfo info{.format = "gif",
                 .mode = file.is_grey() ? "grey" : "palette",
                 .width = file.gif->SWidth,
                 .height = file.gif->SHeight};
  check_extents(info, name);
  check_extents({.width = file.frame().Width, .height = file.frame().Height}, name);
  return info;
}

ImageInfo gif_info(std::string_view bytes, std::string_view name) {
  FirstPicture file{.left = bytes};
  open_first(file, name);
  return info_of(file, name);
}

/// Paints one row of the picture onto the canvas; what lies outside of the canvas is left away.
void paint(const FirstPicture& file, const std::vector<GifPixelType>& row, int64_t y, Image& canvas) {
  const ColorMapObject& colours = file.colours();
  const auto& frame = file.frame();
  if (y >= canvas.height) return;
  const int64_t width = std::min<int64_t>(frame.Width, canvas.width - frame.Left);
  uint8_t* to = canvas.pixels.data() + (y * canvas.width + frame.Left) * canvas.channels;
  for (int64_t x = 0; x < width; ++x, to += canvas.channels) {
    const int index = row[size_t(x)];
    if (index == file.transparent) continue;
    const GifColorType colour = index < colours.ColorCount ? colours.Colors[index] : GifColorType{};
    const std::array<uint8_t, 4> rgba = {colour.Red, colour.Green, colour.Blue, 255};
    std::copy_n(rgba.begin(), canvas.channels, to);
  }
}

Decoded decode_gif(std::string_view bytes, std::string_view name, int64_t, int64_t) {
  FirstPicture file{.left = bytes};
  open_first(file, name);
  const ImageInfo info = info_of(file, name);
  const auto& frame = file.frame();
  // A code of at least three bits stands for at most 4,096 pixels: a stump is known before memory is taken.
  if (int64_t(frame.Width) * frame.Height / 4096 * 3 / 8 > int64_t(bytes.size()))
    throw DataError(fmt::format("{}: the file is truncated: {} bytes cannot hold {} x {} pixels", name, bytes.size(),
                                frame.Width, frame.Height));
  Image canvas{.width = info.width, .height = info.height, .channels = file.is_grey() ? 1 : file.has_alpha() ? 4 : 3};
  canvas.pixels.resize(size_t(canvas.width * canvas.height * canvas.channels));
  std::vector<GifPixelType> row(size_t(frame.Width));
  constexpr std::array<std::array<int, 2>, 4> kInterlaced = {{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
  for (const auto& [first, step] : kInterlaced) {
    for (int y = frame.Interlace ? first : 0; y < frame.Height; y += frame.Interlace ? step : 1) {
      if (DGifGetLine(file.gif.get(), row.data(), frame.Width) != GIF_OK) fail(name, file.gif->Error);
      paint(file, row, int64_t(frame.Top) + y, canvas);
    }
    if (!frame.Interlace) break;
  }
  return {.image = std::move(canvas)};
}

}  // namespace

const Codec kGif{
    .recognises = [](std::string_view bytes) { return bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a"); },
    .info = gif_info,
    .decode = decode_gif};

}  // namespace figment
