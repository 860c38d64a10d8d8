// The examples of a run and the codes in a cache, whatever the file holds: refused, or as the spec says.
#include "figment/data/stored_batch.h"

#include "figment/base/error.h"
#include "tests/fuzz/spliced.h"
#include "tests/made_data.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace figment;
  static const DataSpec spec = {
      .x = CodeSpec{.num_codes = 4, .height = 2, .width = 2},
      .condition = made_condition_spec({"labels", "text", "image", "audio", "layout", "embedding", "codes", "gaze"})};
  static const std::string good = to_file(made_batch(spec, 2, 1));
  try {
    TensorFile file = from_safetensors(spliced(good, data, size), "fuzz");
    if (size % 2 == 0) file.metadata.clear();  // behind the hash, which no fuzzer guesses
    to_file(from_file(std::move(file), spec, "fuzz"));
  } catch (const Error&) {}
  return 0;
}
