// The kept index of a shard, whatever the file holds: refused, or samples that lie within the shard.
#include "figment/base/error.h"
#include "figment/data/shard_index.h"
#include "tests/fuzz/spliced.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace figment;
  static const std::string good =
      to_file({.bytes = 4096,
               .modified = 5,
               .hash = "ab",
               .samples = {{.offset = 512, .key_end = 2, .length = 9, .label = 3, .width = 4, .height = 4},
                           {.offset = 1536, .key_end = 3, .length = 7, .width = 8, .height = 2}},
               .keys = "abc",
               .modes = {"grey 8 bit"},
               .skipped = {{"x", "has no picture"}},
               .others = {{".json", 2}}});
  try {
    TensorFile file = from_safetensors(spliced(good, data, size), "fuzz");
    if (size % 2 == 0) file.metadata["hash"] = hash_of_content(file);  // behind the hash, which no fuzzer guesses
    const ShardIndex index = index_from_file(file, "fuzz");
    for (size_t i = 0; i < index.samples.size(); ++i) {
      const ShardSample& sample = index.samples[i];
      if (sample.offset < 0 || sample.offset + sample.length > index.bytes || index.key(i).size() > index.keys.size())
        __builtin_trap();
    }
    to_file(index);
  } catch (const Error&) {}
  return 0;
}
