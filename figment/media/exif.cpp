#include "figment/media/codecs.h"

namespace figment {

int exif_orientation(std::string_view block) {
  constexpr std::string_view kPrefix("Exif\0\0", 6);  // JPEG has it, some writers of WebP too
  constexpr size_t kHeader = 8, kEntry = 12;
  constexpr int64_t kOrientation = 0x0112, kShort = 3;
  if (block.starts_with(kPrefix)) block.remove_prefix(kPrefix.size());
  const bool little = block.starts_with("II");
  if (block.size() < kHeader || (!little && !block.starts_with("MM"))) return 0;
  const auto number = [&](size_t at, size_t count) {
    return little ? little_endian(block, at, count) : big_endian(block, at, count);
  };
  const auto table = size_t(number(4, 4));
  if (number(2, 2) != 42 || table > block.size() - 2) return 0;
  const auto entries = size_t(number(table, 2));
  for (size_t i = 0; i < entries; ++i) {
    const size_t at = table + 2 + i * kEntry;
    if (at + kEntry > block.size()) return 0;
    if (number(at, 2) != kOrientation) continue;
    const int64_t value = number(at + 8, 2);
    return number(at + 2, 2) == kShort && value >= 1 && value <= 8 ? int(value) : 0;
  }
  return 0;
}

int xmp_orientation(std::string_view packet) {
  constexpr std::string_view kProperty = "tiff:Orientation";
  const size_t found = packet.find(kProperty);
  if (found == std::string_view::npos) return 0;
  const std::string_view value = packet.substr(found + kProperty.size(), 4);  // ="6" or >6<
  const size_t digit = value.find_first_of("12345678");
  return digit == std::string_view::npos ? 0 : value[digit] - '0';
}

}  // namespace figment
