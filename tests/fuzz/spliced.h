// Where a fuzzer begins that has no collection of good files: at one good file, a part of which it replaces.
#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace figment {

/// The bytes of the input after the first, where that is even. Else `good` with a part replaced: three bytes say where
/// it begins and how long it is, the rest stands in its place.
inline std::string spliced(std::string_view good, const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.size() < 4 || data[0] % 2 == 0) return std::string(input.substr(input.empty() ? 0 : 1));
  const size_t begin = std::min<size_t>(data[1] << 8 | data[2], good.size());
  return std::string(good).replace(begin, data[3], input.substr(4));
}

}  // namespace figment
