// Any bytes either load or give a CheckpointError; what loads is written and read again with the same bits.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "figment/base/error.h"
#include "figment/checkpoint/safetensors.h"

namespace {

using namespace figment;

void try_file(std::string_view bytes) {
  TensorFile file;
  try {
    file = from_safetensors(bytes, "fuzz");
  } catch (const CheckpointError&) { return; }
  const std::string written = to_safetensors(file.tensors, file.metadata);
  const TensorFile again = from_safetensors(written, "written");
  if (to_safetensors(again.tensors, again.metadata) != written || again.tensors.size() != file.tensors.size())
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try_file(bytes);
  const uint64_t header = bytes.rfind('}') + 1;  // the length that fits, which is hard to guess; 0 where there is none
  std::string file(sizeof header, '\0');
  std::memcpy(file.data(), &header, sizeof header);
  try_file(file.append(bytes));
  return 0;
}
