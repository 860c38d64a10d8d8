// What data.json may say: a spec that is read is written and read again, and a size that no machine holds is refused.
#include "figment/contracts/spec.h"

#include <cstdlib>

#include "figment/base/error.h"
#include "tests/fuzz/spliced.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace figment;
  static const std::string good =
      R"({"pixels": {"channels": 1, "height": 28, "width": 28, "levels": 256}, "condition": {
"labels": [{"name": "class", "names": ["a", "b"]}], "text": {"vocabulary": ["a"], "merges": [], "max_tokens": 2},
"image": {"channels": 3, "height": 4, "width": 4, "levels": 256}, "layout": {"names": ["a"], "max_objects": 2},
"audio": {"sample_rate": 8000, "window": 200, "hop": 80, "mels": 8, "max_frames": 12},
"embedding": {"size": 6, "max_tokens": 2}, "codes": [{"num_codes": 4, "height": 2, "width": 2}],
"others": {"gaze": {"tensors": ["point"]}}}})";
  try {
    const DataSpec spec = data_spec_from_json(parse_json(spliced(good, data, size), "fuzz"), "fuzz");
    if (to_json(data_spec_from_json(to_json(spec), "again")) != to_json(spec)) std::abort();
  } catch (const ConfigError&) {}
  return 0;
}
