#include <fmt/format.h>
#include <webp/decode.h>
#include <webp/demux.h>

#include <algorithm>
#include <memory>

#include "figment/base/error.h"
#include "figment/media/codecs.h"

namespace figment {
namespace {

const uint8_t* data_of(std::string_view bytes) { return reinterpret_cast<const uint8_t*>(bytes.data()); }

WebPBitstreamFeatures features_of(std::string_view bytes, std::string_view name) {
  WebPBitstreamFeatures features;
  const VP8StatusCode status = WebPGetFeatures(data_of(bytes), bytes.size(), &features);
  if (status == VP8_STATUS_NOT_ENOUGH_DATA)
    throw DataError(fmt::format("{}: the file is truncated before its first row", name));
  if (status != VP8_STATUS_OK) throw DataError(fmt::format("{}: the file is damaged: it is no whole WebP", name));
  return features;
}

int orientation_of(std::string_view bytes) {
  const WebPData data{.bytes = data_of(bytes), .size = bytes.size()};
  const std::unique_ptr<WebPDemuxer, decltype(&WebPDemuxDelete)> demuxer(WebPDemux(&data), WebPDemuxDelete);
  if (!demuxer) return 1;  // what is damaged, the decoder says
  const auto stated = [&](const char* name, int (*read)(std::string_view)) {
    WebPChunkIterator chunk;
    const bool found = WebPDemuxGetChunk(demuxer.get(), name, 1, &chunk);
    const int orientation = found ? read({reinterpret_cast<const char*>(chunk.chunk.bytes), chunk.chunk.size}) : 0;
    WebPDemuxReleaseChunkIterator(&chunk);
    return orientation;
  };
  return orientation_by(stated("EXIF", exif_orientation), stated("XMP ", xmp_orientation));
}

ImageInfo webp_info(std::string_view bytes, std::string_view name) {
  const WebPBitstreamFeatures features = features_of(bytes, name);
  ImageInfo info{.format = "webp",
                 .mode = features.has_alpha || features.has_animation ? "rgba" : "rgb",
                 .width = features.width,
                 .height = features.height,
                 .orientation = orientation_of(bytes)};
  check_extents(info, name);
  return info;
}

/// The first picture of an animation, on its whole canvas.
bool read_animation(std::string_view bytes, Image& image) {
  const WebPData data{.bytes = data_of(bytes), .size = bytes.size()};
  WebPAnimDecoderOptions options;
  WebPAnimDecoderOptionsInit(&options);
  options.color_mode = MODE_RGBA;
  const std::unique_ptr<WebPAnimDecoder, decltype(&WebPAnimDecoderDelete)> decoder(WebPAnimDecoderNew(&data, &options),
                                                                                   WebPAnimDecoderDelete);
  uint8_t* pixels = nullptr;
  int time = 0;
  if (!decoder || !WebPAnimDecoderGetNext(decoder.get(), &pixels, &time)) return false;
  std::copy_n(pixels, image.pixels.size(), image.pixels.data());
  return true;
}

bool read_still(std::string_view bytes, Image& image) {
  const auto decode = image.channels == 4 ? WebPDecodeRGBAInto : WebPDecodeRGBInto;
  return decode(data_of(bytes), bytes.size(), image.pixels.data(), image.pixels.size(),
                int(image.width * image.channels)) != nullptr;
}

Decoded decode_webp(std::string_view bytes, std::string_view name, int64_t, int64_t) {
  const WebPBitstreamFeatures features = features_of(bytes, name);
  Image image{.width = features.width,
              .height = features.height,
              .channels = features.has_alpha || features.has_animation ? 4 : 3};
  image.pixels.resize(size_t(image.width * image.height * image.channels));
  if (!(features.has_animation ? read_animation : read_still)(bytes, image))
    throw DataError(fmt::format("{}: the file is damaged or truncated", name));
  return {.image = std::move(image)};
}

}  // namespace

const Codec kWebp{.recognises =
                      [](std::string_view bytes) {
                        return bytes.size() >= 12 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP";
                      },
                  .info = webp_info,
                  .decode = decode_webp};

}  // namespace figment
