#include <fmt/format.h>

#include <bit>

#include "figment/base/error.h"
#include "figment/media/array.h"

namespace figment {
namespace {

template <class T>
std::string npy_of(std::string_view type, std::span<const T> values, std::span<const int64_t> extents) {
  static_assert(std::endian::native == std::endian::little, "the values are written as they lie in memory");
  int64_t count = 1;
  for (const int64_t extent : extents) {
    if (extent < 0 || (extent > 0 && count > INT64_MAX / extent))
      throw ShapeError(fmt::format("write_npy: an extent cannot be {}", extent));
    count *= extent;
  }
  const std::string shape =
      fmt::format("{}{}", fmt::join(extents, ", "), extents.size() == 1 ? "," : "");  // as Python writes tuples
  if (count != int64_t(values.size()))
    throw ShapeError(fmt::format("write_npy: {} values do not fill ({})", values.size(), shape));
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", type, shape);
  constexpr size_t before = 10;  // magic, version and the header's length
  while ((before + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  if (header.size() > 0xffff) throw ShapeError(fmt::format("write_npy: {} extents are too many", extents.size()));
  std::string out("\x93NUMPY\x01\x00", 8);
  out += {static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
  out += header;
  out.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  return out;
}

}  // namespace

std::string write_npy(std::span<const float> values, std::span<const int64_t> extents) {
  return npy_of("<f4", values, extents);
}
std::string write_npy(std::span<const int64_t> values, std::span<const int64_t> extents) {
  return npy_of("<i8", values, extents);
}

}  // namespace figment
