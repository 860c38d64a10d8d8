#include <algorithm>
#include <cstdint>

#include "figment/base/error.h"
#include "figment/media/awkward_test_corpus.h"
#include "figment/media/image.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t most);

/// Half of the damaged files get their checksums right again: otherwise nothing would get beyond them.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t most, unsigned seed) {
  size = LLVMFuzzerMutate(data, size, most);
  if (seed % 2 == 0) {
    const std::string mended = figment::with_checksums({reinterpret_cast<const char*>(data), size});
    std::copy(mended.begin(), mended.end(), data);
  }
  return size;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    figment::with_channels(figment::decode_image(bytes, "fuzz"), 1);
  } catch (const figment::DataError&) {}
  try {
    figment::png_text(bytes, "fuzz");
  } catch (const figment::DataError&) {}
  return 0;
}
