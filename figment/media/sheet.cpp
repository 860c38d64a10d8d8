#include "figment/media/sheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "figment/base/error.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <stb/stb_easy_font.h>
#pragma GCC diagnostic pop

namespace figment {
namespace {

constexpr int64_t kSideOfPicture = 96, kSideOfSheet = 2048;
constexpr int64_t kStrip = 12;  // pixels below a picture: the font's ten for a line, and one above and below
constexpr uint8_t kWhite = 255;

std::string in_ascii(std::string_view words) {
  std::string ascii;
  for (const char c : words) {
    const auto byte = uint8_t(c);
    if (byte >= ' ' && byte < 0x7F)
      ascii += c;
    else if ((byte & 0xC0) != 0x80)  // one mark for each letter, however many bytes of UTF-8 it has
      ascii += '?';
  }
  return ascii;
}

int64_t width_of(std::string words) { return stb_easy_font_width(words.data()); }

std::string cut_to(std::string words, int64_t width) {
  if (width_of(words) <= width) return words;
  while (!words.empty() && width_of(words + "..") > width) words.pop_back();
  return words.empty() ? "" : words + "..";
}

/// A corner of the rectangles that the font is made of, as it writes them.
struct Corner {
  float x, y, z;
  std::array<uint8_t, 4> colour;
};
static_assert(sizeof(Corner) == 16);

void write(Image& image, std::string words, int64_t left, int64_t top) {
  std::vector<Corner> corners(words.size() * 80);  // of a letter at most 20 rectangles
  const int rectangles =
      stb_easy_font_print(float(left), float(top), words.data(), nullptr, corners.data(), int(corners.size() * 16));
  for (size_t i = 0; i < size_t(rectangles); ++i) {
    const Corner &first = corners[4 * i], &opposite = corners[4 * i + 2];
    for (auto y = int64_t(first.y); y < std::min(int64_t(opposite.y), image.height); ++y)
      for (auto x = int64_t(first.x); x < std::min(int64_t(opposite.x), image.width); ++x)
        std::fill_n(image.pixels.begin() + (y * image.width + x) * image.channels, image.channels, uint8_t(0));
  }
}

}  // namespace

Image enlarged(const Image& image, int64_t times) {
  if (times < 1) throw ConfigError(fmt::format("a picture is enlarged at least once, got {}", times));
  if (times == 1) return image;
  Image large{.width = image.width * times, .height = image.height * times, .channels = image.channels};
  large.pixels.reserve(size_t(large.width * large.height * large.channels));
  for (int64_t y = 0; y < large.height; ++y)
    for (int64_t x = 0; x < large.width; ++x) {
      const auto pixel = image.pixels.begin() + (y / times * image.width + x / times) * image.channels;
      large.pixels.insert(large.pixels.end(), pixel, pixel + image.channels);
    }
  return large;
}

Image with_words_below(const Image& picture, std::string_view words) {
  Image image = picture;
  const int64_t top = image.height + 2;
  image.height += kStrip;
  image.pixels.resize(size_t(image.width * image.height * image.channels), kWhite);
  const std::string shown = cut_to(in_ascii(words), image.width);
  write(image, shown, (image.width - width_of(shown)) / 2, top);
  return image;
}

SheetLayout sheet_layout(int64_t count, int64_t columns, int64_t width, int64_t height, bool named) {
  const auto sides = [&](int64_t times) {
    return grid_sides(count, columns, width * times, height * times + (named ? kStrip : 0));
  };
  int64_t times = std::max<int64_t>(1, kSideOfPicture / std::max(width, height));
  while (times > 1 && std::max(sides(times).width, sides(times).height) > kSideOfSheet) --times;
  return {times, sides(times)};
}

Image sheet(const std::vector<Image>& images, int64_t columns, const std::vector<std::string>& names) {
  int64_t width = 1, height = 1;
  for (const Image& image : images) width = std::max(width, image.width), height = std::max(height, image.height);
  const int64_t times =
      images.empty() ? 1 : sheet_layout(int64_t(images.size()), columns, width, height, !names.empty()).times;
  std::vector<Image> cells;
  cells.reserve(images.size());
  for (size_t i = 0; i < images.size(); ++i) {
    cells.push_back(enlarged(images[i], times));
    if (i < names.size()) cells.back() = with_words_below(cells.back(), names[i]);
  }
  return grid(cells, columns);
}

}  // namespace figment
