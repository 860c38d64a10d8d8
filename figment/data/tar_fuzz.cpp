// A shard, whatever its bytes are: a sentence, or samples that lie within it.
#include "figment/base/error.h"
#include "figment/data/shard_index.h"
#include "figment/data/test_tar.h"
#include "figment/media/image.h"
#include "tests/fuzz/spliced.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace figment;
  static const std::string picture = encode_png({.width = 2, .height = 2, .channels = 1, .pixels = {1, 2, 3, 4}});
  static const std::string good = tar_member("0.png", picture) + tar_member("0.cls", "7") +
                                  tar_member("PaxHeader/1", pax_setting("path", "1.png"), 'x') +
                                  tar_member("1", picture) + tar_member("1.json", "{}") + tar_end();
  std::string bytes = spliced(good, data, size);
  if (size % 2 == 0)  // behind the checksums, which a fuzzer seldom guesses
    for (size_t at = 0; at + 512 <= bytes.size(); at += 512)
      if (bytes.compare(at + 257, 5, "ustar") == 0) set_tar_checksum(bytes, at);
  std::string_view rest = bytes;
  const ShardIndex index = made_index([&](char* to, size_t count) {
    const size_t taken = std::min(count, rest.size());
    std::copy_n(rest.data(), taken, to);
    rest.remove_prefix(taken);
    return taken;
  });
  for (const ShardSample& sample : index.samples)
    if (sample.offset < 0 || sample.length < 0 || sample.offset + sample.length > int64_t(bytes.size()))
      __builtin_trap();
  return 0;
}
