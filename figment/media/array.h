// Plain arrays in files: IDX (the MNIST family's format) and NPY. Free of the engine; every reader takes untrusted
// bytes.
#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace figment {

struct ByteArray {
  std::vector<int64_t> extents = {};
  std::vector<uint8_t> values = {};
};

/// IDX of unsigned bytes, gzipped or not (by content). Throws DataError: "train-images: says 60000 x 28 x 28 values,
/// holds 41 of them". `most_bytes` bounds what is unpacked.
ByteArray read_idx(std::string_view bytes, std::string_view name, int64_t most_bytes = int64_t(1) << 33);
std::string write_idx(const ByteArray&);

/// NPY 1.0, C order, little-endian: float32, or int64. Throws ShapeError where the values do not fill the extents.
std::string write_npy(std::span<const float> values, std::span<const int64_t> extents);
std::string write_npy(std::span<const int64_t> values, std::span<const int64_t> extents);

}  // namespace figment
