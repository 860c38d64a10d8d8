#include <algorithm>
#include <cstdint>

#include "figment/base/error.h"
#include "figment/media/awkward_test_corpus.h"
#include "figment/media/image.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t most);

/// A file of the corpus now and then, and whenever there is nothing yet: pure chance finds the beginning of no format.
size_t seeded(uint8_t* data, size_t size, size_t most, unsigned seed) {
  static const std::vector<figment::CorpusFile> corpus = figment::awkward_images();
  if (size > 1 && seed % 100 != 0) return size;
  const std::string& bytes = corpus[seed / 100 % corpus.size()].bytes;
  if (bytes.empty() || bytes.size() > most) return size;
  std::copy(bytes.begin(), bytes.end(), data);
  return bytes.size();
}

/// Half of the damaged files get their checksums right again: otherwise nothing would get beyond them.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t most, unsigned seed) {
  size = LLVMFuzzerMutate(data, seeded(data, size, most, seed), most);
  if (seed % 2 == 0) {
    const std::string mended = figment::with_checksums({reinterpret_cast<const char*>(data), size});
    std::copy(mended.begin(), mended.end(), data);
  }
  return size;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    figment::ValueRange values;
    const figment::Decoding decoding{.width = 4, .height = 3, .range = figment::ValueRange{.least = 1, .most = 200}};
    figment::with_channels(figment::decode_image(bytes, "fuzz", decoding, &values), 1);
  } catch (const figment::DataError&) {}
  try {
    figment::png_text(bytes, "fuzz");
  } catch (const figment::DataError&) {}
  return 0;
}
