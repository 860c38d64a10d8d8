#include "figment/records/checkpoint_note.h"

#include "figment/base/error.h"
#include "tests/fuzz/spliced.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace figment;
  try {
    parse_note(
        spliced(R"({"bytes":4096,"seconds":12.5,"hashes":{"model.safetensors":"00ff","trainer.safetensors":"aa"}})",
                data, size),
        "fuzz");
  } catch (const Error&) {}
  return 0;
}
