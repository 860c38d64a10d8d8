#include <cstdint>

#include "figment/base/error.h"
#include "figment/media/array.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    figment::read_idx({reinterpret_cast<const char*>(data), size}, "fuzz", int64_t(1) << 24);
  } catch (const figment::DataError&) {}
  return 0;
}
