// Any bytes either load or give a CheckpointError; what loads is written and read again with the same bits.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "figment/base/error.h"
#include "figment/checkpoint/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace figment;
  TensorFile file;
  try {
    file = from_safetensors({reinterpret_cast<const char*>(data), size}, "fuzz");
  } catch (const CheckpointError&) {
    return 0;
  }
  const std::string written = to_safetensors(file.tensors, file.metadata);
  const TensorFile again = from_safetensors(written, "written");
  if (to_safetensors(again.tensors, again.metadata) != written || again.tensors.size() != file.tensors.size()) std::abort();
  return 0;
}
